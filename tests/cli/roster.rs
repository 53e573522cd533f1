//! Rosters for tests, and LINKS files read back.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use calamine::{Reader as _, Xlsx};
use serde_json::Value;

use crate::support::TestEnv;

/// One row of LINKS: header to cell.
pub(crate) type LinkRow = BTreeMap<String, String>;

/// This many people in this many Spaces: `space-0`, `p0`, `Person 0`.
pub(crate) fn people(rows: usize, spaces: usize) -> String {
    let rows = (0..rows).map(|row| format!("space-{},p{row},Person {row}\n", row % spaces));
    format!("id,user id,user name\n{}", rows.collect::<String>())
}

/// The header and records of a comma-separated LINKS without its BOM, or of a workbook's only sheet.
pub(crate) fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    if path.extension().is_some_and(|extension| extension == "xlsx") {
        return sheet(path);
    }
    let bytes = fs::read(path).unwrap();
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    records(bytes, b',')
}

fn sheet(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut workbook: Xlsx<_> = calamine::open_workbook(path).unwrap();
    let range = workbook.worksheet_range_at(0).unwrap().unwrap();
    let mut records: Vec<Vec<String>> =
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let header = records.remove(0);
    (header, records)
}

/// The header and records of a CSV file.
pub(crate) fn records(bytes: &[u8], delimiter: u8) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(bytes);
    let mut records: Vec<Vec<String>> = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let header = records.remove(0);
    (header, records)
}

/// The rows of a LINKS file in the current folder of the runs.
pub(crate) fn links(env: &TestEnv, name: &str) -> Vec<LinkRow> {
    let (header, records) = table(&env.path("work").join(name));
    let row = |record: Vec<String>| header.iter().cloned().zip(record).collect();
    records.into_iter().map(row).collect()
}

/// The `link_status` of every row, in order.
pub(crate) fn statuses(env: &TestEnv, name: &str) -> Vec<String> {
    links(env, name).into_iter().map(|row| row["link_status"].clone()).collect()
}

/// How many rows have this status.
pub(crate) fn count(env: &TestEnv, name: &str, status: &str) -> usize {
    statuses(env, name).iter().filter(|&one| one == status).count()
}

/// Every row has its own link, made for the right person.
#[track_caller]
pub(crate) fn assert_all_linked(rows: &[LinkRow]) {
    let mut links = HashSet::new();
    for row in rows {
        let url = &row["client_url"];
        assert_eq!(
            claims(url)["id"],
            row["user id"].as_str(),
            "the wrong person's link in {row:?}"
        );
        assert_eq!(row["room_id"], crate::school::room(&row["id"]));
        assert_eq!(row["link_error"], "");
        assert!(links.insert(url), "one link twice");
    }
}

/// The claims in a link's token.
#[track_caller]
pub(crate) fn claims(url: &str) -> Value {
    let token = url.split_once("user=").unwrap_or_else(|| panic!("no link: {url:?}")).1;
    let part = token.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The permission bits of a file.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
