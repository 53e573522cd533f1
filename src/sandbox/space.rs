//! What the sandbox remembers of one Space, and how a launch changes it. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::{Asked, Launch};

/// One Space, as it stands in the state file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Space {
    pub room_id: Uuid,
    /// The caller's id of it.
    pub id: String,
    /// Empty when the caller made it blank.
    pub name: String,
    /// Signs its links and webhooks.
    pub secret: Uuid,
    /// The coming session, or the one that is running.
    pub session_id: Uuid,
    pub settings: Settings,
    /// Event name (`session.start`) to URL.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub webhooks: BTreeMap<String, String>,
}

/// The settings in force, as the answer's `room_settings` names them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "these are the API's own five switches")]
pub(super) struct Settings {
    pub record_av: bool,
    pub record_content: bool,
    pub waiting_room: bool,
    pub transcribe: bool,
    pub summarise: bool,
}

impl Space {
    /// A new Space with the organisation's settings, which in the sandbox are all off.
    pub(super) fn new(room_id: Uuid, id: &str) -> Self {
        Self {
            room_id,
            id: id.to_owned(),
            name: id.to_owned(),
            secret: Uuid::new_v4(),
            session_id: Uuid::new_v4(),
            settings: Settings::default(),
            webhooks: BTreeMap::new(),
        }
    }

    /// Takes over what a launch says about the Space; what it leaves out stays as it was, and
    /// webhooks are replaced whole. Refuses settings that need others, as the API does.
    pub(super) fn apply(&mut self, launch: &Launch) -> Result<(), &'static str> {
        self.settings = self.settings.with(&launch.asked);
        if self.settings.summarise && !self.settings.transcribe {
            return Err("summarise needs transcribe to be on as well.");
        }
        if self.settings.transcribe && !self.settings.record_av {
            return Err("transcribe needs record_av to be on as well.");
        }
        if let Some(name) = &launch.name {
            self.name.clone_from(name);
        }
        if let Some(webhooks) = &launch.webhooks {
            self.webhooks.clone_from(webhooks);
        }
        Ok(())
    }

    /// The name, or the id where the name is blank.
    pub(super) fn title(&self) -> &str {
        if self.name.trim().is_empty() { &self.id } else { &self.name }
    }
}

impl Settings {
    fn with(self, asked: &Asked) -> Self {
        Self {
            record_av: asked.record_av.unwrap_or(self.record_av),
            record_content: asked.record_content.unwrap_or(self.record_content),
            waiting_room: asked.waiting_room.unwrap_or(self.waiting_room),
            transcribe: asked.transcribe.unwrap_or(self.transcribe),
            summarise: asked.summarise.unwrap_or(self.summarise),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(body: &str) -> Launch {
        super::super::check::read(body.as_bytes(), jiff::Timestamp::UNIX_EPOCH).expect("is valid")
    }

    fn space() -> Space {
        Space::new(Uuid::nil(), "a")
    }

    #[test]
    fn settings_stay_until_a_launch_changes_them() {
        let mut space = space();
        space.apply(&launch(r#"{"id": "a", "record_av": true, "transcribe": true}"#)).expect("ok");
        space.apply(&launch(r#"{"id": "a", "name": "Biology"}"#)).expect("ok");
        assert!(space.settings.record_av && space.settings.transcribe);
        space.apply(&launch(r#"{"id": "a", "summarise": true}"#)).expect("both are on already");
        let refused = space.apply(&launch(r#"{"id": "a", "record_av": false}"#));
        assert_eq!(refused, Err("transcribe needs record_av to be on as well."));
    }

    #[test]
    fn webhooks_are_replaced_whole_or_left_alone() {
        let mut space = space();
        let both = r#"{"id": "a", "webhooks": {"session": {"start": "http://h/1"}, "user": {"join": "http://h/2"}}}"#;
        space.apply(&launch(both)).expect("ok");
        space.apply(&launch(r#"{"id": "a"}"#)).expect("ok");
        assert_eq!(space.webhooks.len(), 2);
        let one = r#"{"id": "a", "webhooks": {"session": {"start": "", "end": null}, "user": {"leave": "http://h/3"}}}"#;
        space.apply(&launch(one)).expect("ok");
        assert_eq!(space.webhooks, [("user.leave".to_owned(), "http://h/3".to_owned())].into());
        space.apply(&launch(r#"{"id": "a", "webhooks": null}"#)).expect("ok");
        assert!(space.webhooks.is_empty());
    }

    #[test]
    fn a_blank_name_shows_the_id() {
        let mut space = space();
        space.apply(&launch(r#"{"id": "a", "name": null}"#)).expect("ok");
        assert_eq!((space.name.as_str(), space.title()), ("", "a"));
    }
}
