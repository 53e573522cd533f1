//! Sending: up to 8 rows at once, those of one Space one after the other, all at one pace; each
//! marked in the journal before it goes, and done only when its answer is on the disk.

use super::check::Task;
use super::network::{Gone, Network};
use super::rows::Rows;
use crate::api::{ApiKey, CallError, Client, Error, Launch, retry};
use crate::body::LaunchRequest;
use crate::commands::{ApiFailure, story};
use crate::output::{Printer, Progress};
use crate::pace::Pace;
use crate::problem::{Findings, Sort};
use crate::roster::journal::{Answer, Journal, JournalError, Recorder};
use crate::roster::outcome::{Outcome, Status};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};
