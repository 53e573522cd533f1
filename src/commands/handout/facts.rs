//! What a links file says of each launch.

use jiff::Timestamp;

/// One launch.
#[derive(Default)]
pub struct Facts {
    /// The Space's id.
    pub id: Option<String>,
    /// The Space's name.
    pub space_name: Option<String>,
    /// The caller's id of the person.
    pub user_id: Option<String>,
    /// The person's e-mail address.
    pub user_email: Option<String>,
    /// The person's name.
    pub user_name: Option<String>,
    /// The name that is shown instead.
    pub display_name: Option<String>,
    /// Whether the person leads.
    pub leads: Option<bool>,
    /// `client_url`
    pub link: Option<String>,
    /// `link_status`
    pub status: Option<String>,
    /// `expires_at`
    pub expires_at: Option<Timestamp>,
    /// `room_id`
    pub room: Option<String>,
    /// `link_error`
    pub error: Option<String>,
    /// The person of a recipe.
    pub person: Option<String>,
    /// Headers and cells that are none of these.
    pub other: Vec<(String, String)>,
}

impl Facts {
    /// What tells its Space from others.
    pub fn space_key(&self) -> &str {
        let known = [&self.room, &self.id, &self.space_name];
        known.into_iter().flatten().next().map_or("", String::as_str)
    }

    /// What the person is called, or what else is known of the row: for the person who makes the
    /// page, not for a card.
    pub fn who(&self) -> String {
        let named = [&self.display_name, &self.user_name, &self.user_email, &self.user_id];
        if let Some(name) = named.into_iter().flatten().next() {
            return name.clone();
        }
        let cells: Vec<&str> = self.other.iter().map(|(_, text)| text.as_str()).take(4).collect();
        match (&self.person, cells.is_empty()) {
            (Some(person), true) => person.clone(),
            (Some(person), false) => format!("{person} of {}", cells.join(", ")),
            (None, true) => "a person without a name".to_owned(),
            (None, false) => cells.join(", "),
        }
    }

    /// Why there is no link.
    pub fn reason(&self) -> String {
        if let Some(error) = &self.error {
            return error.clone();
        }
        match (self.status.as_deref(), &self.link) {
            (_, Some(_)) => "what stands in client_url is not a join link".to_owned(),
            (Some("pending"), _) => "no link has been asked for yet".to_owned(),
            (Some("ended"), _) => "the time of the lesson has passed".to_owned(),
            _ => "there is no link".to_owned(),
        }
    }
}
