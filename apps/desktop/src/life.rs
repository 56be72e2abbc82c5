//! What the window tells the screens by itself: links that were opened, files that were dropped on it.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use luumen_workbench::bridge::Problem;
use serde::Serialize;
use tauri::{AppHandle, DragDropEvent, Manager as _, PhysicalPosition, State, WindowEvent, ipc::Channel};

use crate::app::WINDOW;

/// Something happened to the window.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Happening {
    /// A link asks for a connection. The screens fill in quick connect; a person connects.
    Link { text: String },
    /// Files are held over the window, at this point of the page.
    DragOver { x: f64, y: f64 },
    /// They were taken away again.
    DragLeave,
    /// They were dropped.
    Drop { paths: Vec<PathBuf>, x: f64, y: f64 },
}

/// Whoever listens, and what happened before somebody did.
#[derive(Default)]
pub(crate) struct Life(Mutex<Line>);

#[derive(Default)]
struct Line {
    channel: Option<Channel<Happening>>,
    waiting: Vec<Happening>,
}

impl Life {
    pub(crate) fn tell(&self, happening: Happening) {
        let mut line = self.line();
        match &line.channel {
            Some(channel) => {
                if let Err(error) = channel.send(happening) {
                    tracing::warn!(%error, "The page did not hear what happened to the window");
                }
            }
            None => line.waiting.push(happening),
        }
    }

    fn listen(&self, channel: Channel<Happening>) -> tauri::Result<()> {
        let mut line = self.line();
        for happening in line.waiting.drain(..) {
            channel.send(happening)?;
        }
        line.channel = Some(channel);
        Ok(())
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends what happened to the window, and what will.
#[tauri::command]
pub(crate) async fn window_events(life: State<'_, Life>, channel: Channel<Happening>) -> Result<(), Problem> {
    life.listen(channel).map_err(|error| {
        Problem::of(
            "LUM-DESKTOP-DOOR",
            "The window cannot tell the screens what happens to it",
            &error,
        )
    })
}

/// Brings the window to the front, with a link if there is one.
pub(crate) fn come_forward(app: &AppHandle, link: Option<String>) {
    if let Some(text) = link {
        app.state::<Life>().tell(Happening::Link { text });
    }
    let Some(window) = app.get_webview_window(WINDOW) else {
        return;
    };
    for shown in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = shown {
            tracing::warn!(%error, "The window could not be brought to the front");
        }
    }
}

/// Hands on what is dragged over the window. Paths are told when they are dropped, not before.
pub(crate) fn dragged(app: &AppHandle, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else {
        return;
    };
    let scale = app
        .get_webview_window(WINDOW)
        .and_then(|window| window.scale_factor().ok())
        .unwrap_or(1.0);
    if let Some(happening) = of_drag(event, scale) {
        app.state::<Life>().tell(happening);
    }
}

fn of_drag(event: &DragDropEvent, scale: f64) -> Option<Happening> {
    let at = |point: &PhysicalPosition<f64>| (point.x / scale, point.y / scale);
    match event {
        DragDropEvent::Enter { position, .. } | DragDropEvent::Over { position } => {
            let (x, y) = at(position);
            Some(Happening::DragOver { x, y })
        }
        DragDropEvent::Drop { paths, position } => {
            let (x, y) = at(position);
            Some(Happening::Drop {
                paths: paths.clone(),
                x,
                y,
            })
        }
        DragDropEvent::Leave => Some(Happening::DragLeave),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_is_told_in_points_of_the_page() {
        let event = DragDropEvent::Drop {
            paths: vec![PathBuf::from("/home/ada/a")],
            position: PhysicalPosition::new(200.0, 100.0),
        };
        assert_eq!(
            of_drag(&event, 2.0),
            Some(Happening::Drop {
                paths: vec![PathBuf::from("/home/ada/a")],
                x: 100.0,
                y: 50.0
            })
        );
    }

    #[test]
    fn what_happens_before_somebody_listens_is_kept() {
        let life = Life::default();
        let text = "ssh://db-3".to_owned();
        life.tell(Happening::Link { text: text.clone() });
        let (sender, heard) = std::sync::mpsc::channel();
        life.listen(Channel::new(move |body| {
            sender.send(body).expect("somebody waits");
            Ok(())
        }))
        .expect("listens");
        let body = heard.recv().expect("told");
        let told: serde_json::Value = body.deserialize().expect("JSON");
        assert_eq!(told, serde_json::json!({"event": "link", "text": text}));
    }
}
