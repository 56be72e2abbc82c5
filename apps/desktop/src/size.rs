//! Keeps the window's size from one start to the next.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _, WebviewWindow};
use tokio::sync::watch;

use crate::app::WINDOW;

/// A window that is dragged larger is written when it rests.
const RESTS_AFTER: Duration = Duration::from_millis(300);

/// How large the window was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Size {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) maximized: bool,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            width: 1280.0,
            height: 800.0,
            maximized: false,
        }
    }
}

impl Size {
    pub(crate) const SMALLEST: (f64, f64) = (640.0, 400.0);

    /// What was kept, or the usual size: a size is not worth a question.
    pub(crate) fn read(data: &Path) -> Self {
        fs::read_to_string(file_in(data))
            .ok()
            .and_then(|text| serde_json::from_str::<Self>(&text).ok())
            .filter(|size| size.width >= Self::SMALLEST.0 && size.height >= Self::SMALLEST.1)
            .unwrap_or_default()
    }

    fn of(window: &WebviewWindow) -> tauri::Result<Self> {
        let size = window.inner_size()?.to_logical::<f64>(window.scale_factor()?);
        Ok(Self {
            width: size.width,
            height: size.height,
            maximized: window.is_maximized()?,
        })
    }

    fn write(self, file: &Path) {
        let written = serde_json::to_string(&self)
            .map_err(std::io::Error::from)
            .and_then(|text| fs::write(file, text));
        if let Err(error) = written {
            tracing::warn!(%error, "The size of the window was not kept");
        }
    }
}

fn file_in(data: &Path) -> PathBuf {
    data.join("window.json")
}

/// Writes the last size that was seen.
#[derive(Debug)]
pub(crate) struct Keeper(watch::Sender<Size>);

impl Keeper {
    pub(crate) fn new(data: &Path) -> Self {
        let (seen, sizes) = watch::channel(Size::read(data));
        tauri::async_runtime::spawn(keep(sizes, file_in(data)));
        Self(seen)
    }

    /// Notes the size of the window.
    pub(crate) fn see(&self, app: &AppHandle) {
        let Some(window) = app.get_webview_window(WINDOW) else {
            return;
        };
        match Size::of(&window) {
            Ok(mut size) => drop(self.0.send_if_modified(|known| {
                if size.maximized {
                    // The size to come back to is the one before.
                    (size.width, size.height) = (known.width, known.height);
                }
                let differs = *known != size;
                *known = size;
                differs
            })),
            Err(error) => tracing::debug!(%error, "The window has no size"),
        }
    }
}

async fn keep(mut sizes: watch::Receiver<Size>, file: PathBuf) {
    while sizes.changed().await.is_ok() {
        tokio::time::sleep(RESTS_AFTER).await;
        let size = *sizes.borrow_and_update();
        size.write(&file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_comes_back_and_a_bad_one_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Size::read(folder.path()), Size::default());
        let size = Size {
            width: 900.0,
            height: 600.0,
            maximized: true,
        };
        size.write(&file_in(folder.path()));
        assert_eq!(Size::read(folder.path()), size);
        for text in ["{", "{\"width\": -4}", "[]", "{\"height\": 1}"] {
            fs::write(file_in(folder.path()), text).expect("written");
            assert_eq!(Size::read(folder.path()), Size::default(), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_size_at_rest_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let (seen, sizes) = watch::channel(Size::default());
        let keeping = tokio::spawn(keep(sizes, file_in(folder.path())));
        for width in [700.0, 800.0, 900.0] {
            seen.send_modify(|size| size.width = width);
        }
        tokio::time::sleep(RESTS_AFTER * 2).await;
        assert_eq!(Size::read(folder.path()).width, 900.0);
        drop(seen);
        keeping.await.expect("it ends with the window");
    }
}
