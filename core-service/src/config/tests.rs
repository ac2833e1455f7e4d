//! Settings that are read, and the one line about each that is not. Flags only: the environment is the
//! process's, and tests share it.

use std::io::Write as _;

use super::*;
use crate::meta::MediaHosts;

const TOKEN: &str = "edge:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:edge";
const KEY: &str = "1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// Reads these flags after good ones; the last of a name wins.
fn read(flags: &[&str]) -> Result<Config, ConfigError> {
    let mut args = vec!["core-service"];
    for (flag, value) in [("--token-keys", KEY), ("--core-service-tokens", TOKEN)] {
        let name = flag.trim_start_matches("--");
        if !flags.iter().any(|given| given.trim_start_matches("--").starts_with(name)) {
            args.extend([flag, value]);
        }
    }
    args.extend(flags);
    Config::from_args(args)
}

#[test]
fn the_defaults_are_those_of_a_single_machine() {
    let Config { listen, store, keys: _, tokens: _, media, meta, oauth, retention, metrics, log } =
        read(&[]).unwrap();
    assert_eq!(retention.events.as_secs(), 30 * 86_400);
    assert_eq!(
        metrics.address.map(|address| address.to_string()).as_deref(),
        Some("127.0.0.1:9091")
    );
    assert_eq!(read(&["--core-metrics-listen", "none"]).unwrap().metrics.address, None);
    assert_eq!(listen.address.to_string(), "127.0.0.1:50051");
    assert!(!listen.reflection);
    assert!(matches!(store, Store::Embedded { path } if path.to_str() == Some("./data")));
    assert_eq!(
        (meta.graph_url.as_str(), meta.version.as_str()),
        ("https://graph.facebook.com", "v25.0")
    );
    assert_eq!(media, Place::Folder("./data/media".into()));
    assert_eq!(meta.media_hosts, MediaHosts::default());
    assert_eq!(meta.dialog_url, "https://www.facebook.com");
    assert!(meta.app_id.is_none() && meta.app_secrets.is_empty());
    assert!(oauth.redirect_uri.is_none() && oauth.return_url.is_none());
    assert_eq!((log.format, log.filter.as_str()), (LogFormat::Text, "info"));
}

#[test]
fn a_wrong_setting_is_named_in_one_line() {
    let table: &[(&[&str], &str)] = &[
        (&["--core-listen", "nowhere"], "CORE_LISTEN"),
        (&["--core-listen", "0.0.0.0:50051"], "CORE_LISTEN"),
        (&["--core-listen", "[::]:50051"], "CORE_LISTEN"),
        (&["--core-reflection=maybe"], "CORE_REFLECTION"),
        (&["--core-metrics-listen", "nowhere"], "CORE_METRICS_LISTEN"),
        (&["--core-metrics-listen", ""], "CORE_METRICS_LISTEN"),
        (&["--meta-dialog-url", "facebook"], "META_DIALOG_URL"),
        (&["--meta-config-id", "a b"], "META_CONFIG_ID"),
        (&["--oauth-redirect-uri", "/callback"], "OAUTH_REDIRECT_URI"),
        (&["--oauth-redirect-uri", "https://a.test/callback?x=1"], "OAUTH_REDIRECT_URI"),
        (&["--oauth-return-url", "javascript:alert(1)"], "OAUTH_RETURN_URL"),
        (&["--store", "mongodb"], "MONGODB_URI"),
        (&["--store", "redis"], "STORE"),
        (&["--mongodb-uri-file", "/nowhere/uri"], "MONGODB_URI_FILE"),
        (
            &["--mongodb-uri", "mongodb://a:canary@b", "--mongodb-database", "a.b"],
            "MONGODB_DATABASE",
        ),
        (&["--embedded-path", ""], "EMBEDDED_PATH"),
        (&["--token-keys", ""], "TOKEN_KEYS"),
        (&["--token-keys", "canary"], "TOKEN_KEYS"),
        (&["--token-keys-file", "/nowhere/keys"], "TOKEN_KEYS_FILE"),
        (&["--core-service-tokens", ""], "CORE_SERVICE_TOKENS"),
        (&["--core-service-tokens", "edge:canary:edge"], "CORE_SERVICE_TOKENS"),
        (&["--core-service-tokens-file", "/nowhere/tokens"], "CORE_SERVICE_TOKENS_FILE"),
        (&["--meta-graph-url", "graph.facebook.com"], "META_GRAPH_URL"),
        (&["--meta-graph-url", "https://a b"], "META_GRAPH_URL"),
        (&["--meta-graph-version", "25"], "META_GRAPH_VERSION"),
        (&["--meta-app-id", "an app"], "META_APP_ID"),
        (&["--meta-app-secrets", "a canary"], "META_APP_SECRETS"),
        (&["--meta-media-hosts", "cdn.example.com,*"], "META_MEDIA_HOSTS"),
        (&["--media-store", "s3://bucket"], "MEDIA_STORE"),
        (&["--media-store", "file:"], "MEDIA_STORE"),
        (&["--log-format", "xml"], "LOG_FORMAT"),
        (&["--no-such-flag"], "settings"),
    ];
    for (flags, name) in table {
        let line = read(flags).expect_err("must be refused").to_string();
        assert!(line.starts_with(&format!("{name}: ")), "{flags:?}: {line}");
        assert!(!line.contains('\n') && !line.contains("canary"), "{flags:?}: {line}");
    }
}

#[test]
fn plain_text_off_loopback_has_to_be_allowed() {
    let listen = read(&["--core-listen", "0.0.0.0:1", "--core-allow-plaintext"]).unwrap().listen;
    assert_eq!(listen.address.to_string(), "0.0.0.0:1");
    assert!(read(&["--core-listen", "0.0.0.0:1", "--core-allow-plaintext=false"]).is_err());
    assert!(read(&["--core-listen", "[::ffff:127.0.0.1]:1"]).is_ok());
}

#[test]
fn a_connection_string_chooses_the_store_unless_it_is_named() {
    let store = |flags: &[&str]| read(flags).unwrap().store;
    let uri = "mongodb://a:canary@b";
    let chosen = store(&["--mongodb-uri", uri]);
    assert!(!format!("{chosen:?}").contains("canary"));
    let named =
        matches!(&chosen, Store::MongoDb { database, .. } if database == "linkojob_whatsapp");
    assert!(named, "{chosen:?}");
    let embedded = |flags: &[&str]| matches!(store(flags), Store::Embedded { .. });
    assert!(embedded(&["--store", "embedded", "--mongodb-uri", uri]));
    assert!(embedded(&["--mongodb-uri", ""]));
}

#[test]
fn secrets_come_from_files_too_and_are_shown_nowhere() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{TOKEN}").unwrap();
    let path = file.path().to_str().unwrap();
    let flags = ["--core-service-tokens-file", path, "--meta-app-secrets", "canary-1, canary-2"];
    let config = read(&flags).unwrap();
    assert_eq!(config.meta.app_secrets.len(), 2);
    let shown = format!("{config:?}");
    assert!(!shown.contains("canary") && !shown.contains("aaaaaaaa"), "{shown}");
    assert!(!shown.contains("BwcHBwcH"), "{shown}");
}
