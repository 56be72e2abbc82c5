//! Starts the device's text editor with a copy of a host's file.
//!
//! The page names the edit, never a path: only what the workbench has fetched can be opened. And it is the editor for plain text whatever the
//! file is called, because a host chooses names, and some kinds of files are programs.

use std::path::Path;

use luumen_workbench::{
    Workbench,
    bridge::{Id, Problem},
};
use tauri::{AppHandle, State};
use tokio::sync::oneshot;

/// Opens the copy in the editor.
#[tauri::command]
pub(crate) async fn open_edit(
    app: AppHandle,
    workbench: State<'_, Workbench>,
    edit: Id,
) -> Result<(), Problem> {
    let path = workbench.edited(edit)?;
    let (started, start) = oneshot::channel();
    let copy = path.clone();
    // The toolkit starts programs on the thread of its windows.
    app.run_on_main_thread(move || drop(started.send(start_editor(&copy))))
        .map_err(|error| no_editor(&path, &error.to_string()))?;
    match start.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(why)) => Err(no_editor(&path, &why)),
        Err(error) => Err(no_editor(&path, &error.to_string())),
    }
}

fn no_editor(path: &Path, why: &str) -> Problem {
    Problem::new("LUM-DESKTOP-EDITOR", "The text editor could not be started", why).next(format!(
        "Open {} in an editor yourself; it is watched all the same.",
        path.display()
    ))
}

#[cfg(target_os = "linux")]
fn start_editor(path: &Path) -> Result<(), String> {
    use gtk::gio::{AppInfo, AppLaunchContext, File, prelude::AppInfoExt as _};

    let editor = AppInfo::default_for_type("text/plain", false)
        .ok_or_else(|| "no program of this device is set for plain text".to_owned())?;
    editor
        .launch(&[File::for_path(path)], None::<&AppLaunchContext>)
        .map_err(|error| error.to_string())
}

#[cfg(not(target_os = "linux"))]
fn start_editor(path: &Path) -> Result<(), String> {
    let editor = if cfg!(target_os = "macos") {
        "TextEdit"
    } else {
        "notepad"
    };
    open::with_detached(path, editor).map_err(|error| error.to_string())
}
