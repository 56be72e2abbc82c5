//! How a person likes it: looks, keys, defaults; and how their tabs stood.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::{
    bridge::{Changed, Id, NoArgs, Problem, Registry},
    core::Core,
    hosts::LogMode,
    store::settings,
};

/// Colours of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Theme {
    System,
    Dark,
    Light,
}

/// How close rows stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Density {
    Compact,
    Comfortable,
}

/// What draws the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Renderer {
    Dom,
    Webgl,
}

/// What a bell does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Bell {
    None,
    Visual,
}

/// All preferences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// Colours of the window.
    pub theme: Theme,
    /// How close rows stand.
    pub density: Density,
    /// Groups whose hosts are not shown in the tree.
    pub folded_groups: BTreeSet<Id>,
    /// Colours of the terminal, by name.
    pub terminal_theme: String,
    /// The terminal's typeface.
    pub font: String,
    /// In pixels, 6 to 48.
    pub font_size: u16,
    /// Lines kept above the screen, at most a million.
    pub scrollback: u32,
    /// What draws the terminal.
    pub renderer: Renderer,
    /// Whether a screen reader is told what the terminal shows.
    pub screen_reader: bool,
    /// Whether selecting copies.
    pub copy_on_select: bool,
    /// Whether a suspicious paste is asked about first.
    pub paste_guard: bool,
    /// What a bell does.
    pub bell: Bell,
    /// Keys that differ from the usual ones, by what they do.
    pub keys: BTreeMap<String, String>,
    /// Whether the first screens were gone through.
    pub first_run_done: bool,
    /// A catalogue file to use in place of the installed one.
    pub catalogue: Option<String>,
    /// Whether sessions are logged where no host says otherwise.
    pub log_default: LogMode,
    /// How long logs are kept; 0 keeps them for ever.
    pub log_keep_days: u32,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            density: Density::Compact,
            folded_groups: BTreeSet::new(),
            terminal_theme: "luumen".to_owned(),
            font: "monospace".to_owned(),
            font_size: 13,
            scrollback: 10_000,
            renderer: Renderer::Dom,
            screen_reader: false,
            copy_on_select: false,
            paste_guard: true,
            bell: Bell::Visual,
            keys: BTreeMap::new(),
            first_run_done: false,
            catalogue: None,
            log_default: LogMode::Off,
            log_keep_days: 90,
        }
    }
}

/// Some of the preferences, to be set.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetPreferences {
    #[ts(type = "Partial<Preferences>")]
    preferences: Map<String, Value>,
}

/// How the tabs stand. Only the window reads it.
#[derive(Debug, Serialize, TS)]
#[serde(transparent)]
#[ts(type = "unknown")]
pub struct Layout(Value);

/// How the tabs stand now.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetLayout {
    #[ts(type = "unknown")]
    layout: Value,
}

/// The most that a layout may be long, in bytes of JSON.
const MOST_LAYOUT: usize = 1 << 20;

/// The preferences of this device.
pub(crate) async fn read(core: &Core) -> Result<Preferences, Problem> {
    let stored = settings::read(&core.store, "preferences").await?;
    Ok(stored.map_or_else(Preferences::default, |stored| merged(stored).0))
}

/// The usual preferences with what is stored over them; a value that is no longer understood is left out.
fn merged(stored: Value) -> (Preferences, Vec<String>) {
    let mut all = match serde_json::to_value(Preferences::default()) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    };
    let mut refused = Vec::new();
    let Value::Object(stored) = stored else {
        return (Preferences::default(), refused);
    };
    for (name, value) in stored {
        let before = all.insert(name.clone(), value);
        if serde_json::from_value::<Preferences>(Value::Object(all.clone())).is_err() {
            match before {
                Some(before) => drop(all.insert(name.clone(), before)),
                None => drop(all.remove(&name)),
            }
            refused.push(name);
        }
    }
    (
        serde_json::from_value(Value::Object(all)).unwrap_or_default(),
        refused,
    )
}

/// Chooses a catalogue's file, or the installed one again.
pub(crate) async fn choose_catalogue(core: &Core, path: Option<String>) -> Result<(), Problem> {
    let mut preferences = read(core).await?;
    if preferences.catalogue != path {
        preferences.catalogue = path;
        settings::write(&core.store, "preferences", &as_value(&preferences)?).await?;
        core.events.changed(Changed::Preferences);
    }
    Ok(())
}

struct Room(Arc<Core>);

impl Room {
    async fn get(self: Arc<Self>, _: NoArgs) -> Result<Preferences, Problem> {
        read(&self.0).await
    }

    async fn set(self: Arc<Self>, args: SetPreferences) -> Result<Preferences, Problem> {
        let Value::Object(mut all) = as_value(&read(&self.0).await?)? else {
            return Err(unreadable("they are no document"));
        };
        all.extend(args.preferences);
        let preferences: Preferences =
            serde_json::from_value(Value::Object(all)).map_err(|error| unreadable(error.to_string()))?;
        check(&preferences)?;
        settings::write(&self.0.store, "preferences", &as_value(&preferences)?).await?;
        self.0.events.changed(Changed::Preferences);
        Ok(preferences)
    }

    async fn layout(self: Arc<Self>, _: NoArgs) -> Result<Layout, Problem> {
        let layout = settings::read(&self.0.store, "layout").await?;
        Ok(Layout(layout.unwrap_or(Value::Null)))
    }

    async fn set_layout(self: Arc<Self>, args: SetLayout) -> Result<(), Problem> {
        if args.layout.to_string().len() > MOST_LAYOUT {
            return Err(Problem::new(
                "LUM-LAYOUT-LONG",
                "the layout of the tabs was not kept",
                format!("it is longer than {MOST_LAYOUT} bytes"),
            ));
        }
        settings::write(&self.0.store, "layout", &args.layout).await
    }
}

fn as_value(preferences: &Preferences) -> Result<Value, Problem> {
    serde_json::to_value(preferences).map_err(|error| unreadable(error.to_string()))
}

fn unreadable(why: impl Into<String>) -> Problem {
    Problem::new("LUM-PREFERENCES", "these preferences are not understood", why)
}

fn check(preferences: &Preferences) -> Result<(), Problem> {
    let refuse = |what: &str| {
        Err(
            Problem::new("LUM-PREFERENCES", "this preference is out of bounds", what)
                .next("Choose a value within the bounds."),
        )
    };
    match preferences {
        Preferences { font_size, .. } if !(6..=48).contains(font_size) => {
            refuse("font_size is 6 to 48 pixels")
        }
        Preferences { scrollback, .. } if *scrollback > 1_000_000 => {
            refuse("scrollback is at most 1000000 lines")
        }
        Preferences { font, .. } if font.trim().is_empty() => refuse("font names a typeface"),
        _ => Ok(()),
    }
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) {
    let room = Arc::new(Room(Arc::clone(core)));
    registry.call("preferences_get", &room, Room::get);
    registry.call("preferences_set", &room, Room::set);
    registry.call("layout_get", &room, Room::layout);
    registry.call("layout_set", &room, Room::set_layout);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Preferences, merged};

    #[test]
    fn one_preference_that_is_not_understood_costs_no_other() {
        let (seen, refused) = merged(json!({"font_size": "huge", "theme": "dark", "flying": true}));
        assert_eq!(refused, ["flying", "font_size"]);
        assert_eq!(seen.font_size, Preferences::default().font_size);
        assert_eq!(seen.theme, super::Theme::Dark);
    }
}
