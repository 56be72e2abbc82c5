//! Opens the workbench and the window.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use luumen_workbench::{Options, SecretPlace, Workbench};
use tauri::{App, AppHandle, Manager as _, RunEvent, WebviewUrl, WebviewWindowBuilder, WindowEvent};

use crate::{
    consent::Dialog,
    dialogs, doors, editor, leave, life,
    life::{Happening, Life},
    notify,
    places::{self, Places},
    single::{self, First},
    size::{Keeper, Size},
};

/// The one window. The capability in `capabilities/main.json` is given to this name.
pub(crate) const WINDOW: &str = "main";

/// How long a host or a disk that does not answer can hold up the end of the program.
/// Less than a later start waits for its place.
const CLOSING: Duration = Duration::from_secs(2);

/// Runs until the window is closed.
pub(crate) fn run(
    places: Places,
    first: First,
    link: Option<String>,
    secrets: SecretPlace,
) -> anyhow::Result<()> {
    let dialog = Arc::new(Dialog::default());
    let workbench = open_workbench(&places, secrets, dialog.clone())?;
    let life = Life::default();
    if let Some(text) = link {
        life.tell(Happening::Link { text });
    }
    let app = tauri::Builder::default()
        .manage(workbench)
        .manage(doors::Listening::default())
        .manage(life)
        .manage(leave::Leaving::default())
        .manage(Keeper::new(&places.data))
        .manage(places)
        .invoke_handler(tauri::generate_handler![
            doors::call,
            doors::events,
            doors::attach,
            life::window_events,
            dialogs::choose_path,
            dialogs::open_link,
            editor::open_edit,
        ])
        .setup(move |app| {
            dialog.show_with(app.handle());
            Ok(set_up(app, first)?)
        })
        .on_window_event(|window, event| happened(window.app_handle(), event))
        .build(tauri::generate_context!())
        .context("the window could not be prepared")?;
    app.run(|app, event| match event {
        // The program is told to end, as by its menu.
        RunEvent::ExitRequested { api, code: None, .. } if !leave::may_leave(app) => api.prevent_exit(),
        // macOS opens links by an event of the running program.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            for url in urls {
                life::come_forward(app, crate::args::read_link(url.as_str()));
            }
        }
        // Sessions are ended as if their tabs had been closed: what waits to be written is, and logs say when they ended.
        RunEvent::Exit => close(app),
        _ => {}
    });
    Ok(())
}

fn close(app: &AppHandle) {
    single::stop_answering(&app.state::<Places>().data);
    let workbench = app.state::<Workbench>().inner().clone();
    let closed = async { tokio::time::timeout(CLOSING, workbench.close()).await };
    if tauri::async_runtime::block_on(closed).is_err() {
        tracing::warn!("The sessions did not end in time; their logs end as interrupted");
    }
}

fn open_workbench(places: &Places, secrets: SecretPlace, dialog: Arc<Dialog>) -> anyhow::Result<Workbench> {
    let mut options = Options::new(env!("CARGO_PKG_VERSION"), username(), &places.home);
    options.secrets = secrets;
    options.consent = dialog;
    options.commit = option_env!("LUUMEN_COMMIT").map(str::to_owned);
    tauri::async_runtime::block_on(Workbench::open(&places.data, options))
        .with_context(|| format!("{} could not be opened", places.data.display()))
}

/// The account of this person, for hosts that name none.
fn username() -> String {
    #[cfg(unix)]
    if let Ok(Some(user)) = nix::unistd::User::from_uid(nix::unistd::getuid()) {
        return user.name;
    }
    std::env::var("USER")
        .or_else(|_| std::env::var("USERNAME"))
        .unwrap_or_default()
}

fn set_up(app: &App, first: First) -> anyhow::Result<()> {
    let places = app.state::<Places>();
    open_window(app, &places).context("the window could not be opened")?;
    let handle = app.handle().clone();
    first.listen(move |message| life::come_forward(&handle, message.link));
    tauri::async_runtime::spawn(notify::watch(
        app.handle().clone(),
        app.state::<Workbench>().inner().clone(),
    ));
    Ok(())
}

fn open_window(app: &App, places: &Places) -> anyhow::Result<()> {
    // A test that drives the window needs a web view with a folder of its own. Everyone else's keeps nothing on disk.
    let driven = std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some();
    places::make_private(&places.webview)?;
    let size = Size::read(&places.data);
    WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::App("index.html".into()))
        .title("Luumen")
        .inner_size(size.width, size.height)
        .min_inner_size(Size::SMALLEST.0, Size::SMALLEST.1)
        .maximized(size.maximized)
        .data_directory(places.webview.clone())
        .incognito(!driven)
        // “Paste” of menus and palette asks for what was copied; the web view says no to that otherwise.
        .enable_clipboard_access()
        .on_navigation(|url| stays_here(url.scheme(), url.host_str()))
        .build()?;
    Ok(())
}

/// The window shows its own screens and nothing else, whatever a page or a link asks.
fn stays_here(scheme: &str, host: Option<&str>) -> bool {
    scheme == "tauri" && host == Some("localhost") || scheme == "about"
}

fn happened(app: &AppHandle, event: &WindowEvent) {
    match event {
        WindowEvent::Resized(_) => app.state::<Keeper>().see(app),
        WindowEvent::CloseRequested { api, .. } if !leave::may_leave(app) => api.prevent_close(),
        _ => life::dragged(app, event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_else() {
        assert!(stays_here("tauri", Some("localhost")));
        for (scheme, host) in [
            ("https", "example.net"),
            ("file", ""),
            ("http", "localhost"),
            ("tauri", "other"),
        ] {
            assert!(!stays_here(scheme, Some(host)), "{scheme}://{host}");
        }
    }
}
