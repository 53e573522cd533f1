//! A practice API on this computer: it behaves as `API.md` says of Lessonspace's, remembers
//! its Spaces in a state folder, and makes real signed links. When it is serving, its links
//! open a page with Join and Leave, which send the Space's webhooks.
//!
//! It knows nothing of the tool's own client, of the command line, or of printing: what
//! happens is told as lines through [`Options::log`].
//!
//! Every key is an organisation of its own: a request with any non-empty
//! `Authorization: Organisation <key>` is accepted and sees the Spaces of this key alone. A
//! refused key can be rehearsed with the fault `401@1`.

mod check;
mod faults;
mod fields;
mod space;
mod store;
mod text;
mod token;
