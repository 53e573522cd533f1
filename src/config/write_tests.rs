//! Keys in and out of `config.toml`, and what must survive that.

use super::*;
use tempfile::TempDir;

fn new(profile: &str, key: &str, api_url: Option<&str>) -> NewKey {
    NewKey {
        profile: profile.to_owned(),
        key: ApiKey::parse(key).expect("a key"),
        api_url: api_url.map(|url| url.parse().expect("an address")),
    }
}

/// What `edit` makes of a file with this text.
fn edited(before: &str, edit: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().expect("makes a folder");
    let path = folder.path().join("config.toml");
    fs::write(&path, before).expect("writes");
    edit(&path);
    fs::read_to_string(&path).expect("reads")
}

fn saved(before: &str, new: &NewKey) -> String {
    edited(before, |path| save_key(path, new).expect("saves"))
}

fn removed(before: &str) -> String {
    edited(before, |path| assert!(remove_key(path, "default").expect("removes"), "{before}"))
}

#[test]
fn a_file_is_made_with_its_folder() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let path = folder.path().join("deep/lessonspace/config.toml");
    save_key(&path, &new("default", "k1", None)).expect("saves");
    let text = fs::read_to_string(&path).expect("reads");
    assert_eq!(text, "[profiles.default]\napi_key = \"k1\"\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("has one")), 0o700);
        assert_eq!(mode(&folder.path().join("deep")), 0o700);
    }
}

#[test]
fn comments_and_unknown_content_stay() {
    let before = "# mine\n\n[profiles.default] # me\n# the key\napi_key = \"old\" # from Peter\n\
                  user_name  =  'Peter'\n\n# the other school\n[profiles.w]\nnew_setting = [1,\n 2]\n# end\n";
    let after = saved(before, &new("default", "k2", None));
    assert_eq!(after, before.replace("\"old\"", "\"k2\""));
    let after = saved(before, &new("w", "k3", Some("https://e.org/v2/")));
    let lines = " 2]\napi_key = \"k3\"\napi_url = \"https://e.org/v2/\"\n# end\n";
    assert_eq!(after, before.replace(" 2]\n# end\n", lines));
    let after = saved(before, &new("third", "k4", None));
    assert_eq!(after, format!("{before}\n[profiles.third]\napi_key = \"k4\"\n"));
    let after = saved("# mine", &new("a b\"", "k4", None));
    assert_eq!(after, "# mine\n\n[profiles.'a b\"']\napi_key = \"k4\"\n");
    let gone = removed(before);
    assert_eq!(gone, before.replace("api_key = \"old\" # from Peter\n", ""));
}

#[test]
fn every_spelling_of_a_profile_is_understood() {
    for before in [
        "profiles.default.api_key = \"old\"\n",
        "[profiles]\ndefault.api_key = 'old'\nx.user_id = \"y\"\n",
        "profiles = { default = { api_key = \"old\", user_id = \"x\" } }\n",
        "[profiles]\ndefault = { api_key = \"old\" }\n",
        "[\"profiles\".\"default\"]\n\"api_key\" = \"\"\"old\"\"\"\nuser_id = \"x\"\n",
    ] {
        let key = |text: &str| {
            let document: DocumentMut = text.parse().expect(text);
            document["profiles"]["default"].get("api_key").and_then(Item::as_str).map(str::to_owned)
        };
        assert_eq!(key(&saved(before, &new("default", "k5", None))).as_deref(), Some("k5"));
        let gone = edited(before, |path| {
            assert!(remove_key(path, "default").expect("removes"), "{before}");
        });
        assert!(!gone.contains("old"), "{gone}");
        gone.parse::<DocumentMut>().expect(&gone);
        let both = saved(before, &new("other", "k6", None));
        assert_eq!(key(&both).as_deref(), Some("old"), "{both}");
        assert!(both.contains("k6"), "{both}");
    }
}

#[test]
fn an_address_is_replaced_when_the_key_goes_elsewhere() {
    let before = "[profiles.default]\napi_url = \"https://old.org/\" # staging\n";
    let after = saved(before, &new("default", "k", Some("https://e.org/")));
    assert!(after.contains("api_url = \"https://e.org/\" # staging\n"), "{after}");
    let after = saved(before, &new("default", "k", None));
    assert!(after.contains(super::super::DEFAULT_API_URL) && !after.contains("old.org"), "{after}");
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_stay() {
    let before = "\u{feff}[profiles.default]\r\n# x\r\napi_key = \"old\"\r\nuser_id = \"y\"\r\n";
    let gone = removed(before);
    assert_eq!(gone, before.replace("api_key = \"old\"\r\n", ""));
    let after = saved(before, &new("default", "k", None));
    assert!(after.starts_with('\u{feff}') && after.contains("\"k\""), "{after:?}");
}

#[test]
fn a_file_that_is_wrong_is_left_alone_and_not_shown() {
    for wrong in ["api_key = secret", "profiles = 5\n", "[profiles]\ndefault = 1\n"] {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("config.toml");
        fs::write(&path, wrong).expect("writes");
        let error = save_key(&path, &new("default", "k", None)).expect_err("is wrong");
        assert!(error.downcast_ref::<Error>().is_some(), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        assert_eq!(fs::read_to_string(&path).expect("reads"), wrong);
    }
}

#[test]
fn where_there_is_no_key_nothing_is_written() {
    let before = "[profiles.default]\nuser_id = \"x\"\n";
    let after = edited(before, |path| {
        assert!(!remove_key(path, "default").expect("looks"));
        assert!(!remove_key(path, "nobody").expect("looks"));
    });
    assert_eq!(after, before);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("repository")).expect("makes a folder");
    std::os::unix::fs::symlink("repository/settings.toml", at("middle")).expect("links");
    std::os::unix::fs::symlink(at("middle"), at("config.toml")).expect("links");
    for key in ["k1", "k2"] {
        save_key(&at("config.toml"), &new("default", key, None)).expect("saves");
        let text = fs::read_to_string(at("repository/settings.toml")).expect("reads");
        assert!(text.contains(key), "{text}");
        assert!(fs::symlink_metadata(at("config.toml")).expect("exists").is_symlink());
    }
}

#[test]
fn of_many_that_write_at_once_none_is_lost() {
    let folder: TempDir = tempfile::tempdir().expect("makes a folder");
    let path = folder.path().join("config.toml");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for number in 0..10 {
                    save_key(path, &new(&format!("p{thread}-{number}"), "k", None)).expect("saves");
                }
            });
        }
    });
    let text = fs::read_to_string(&path).expect("reads");
    assert_eq!(text.matches("api_key = \"k\"").count(), 40, "{text}");
    let left = fs::read_dir(folder.path()).expect("lists").count();
    assert_eq!(left, 2, "the file and its lock");
}
