//! Certificates for tests: authorities, what they sign, and the files that settings name.
//!
//! Nothing here is for use: keys are made anew in each test and are gone with it.

use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use tempfile::TempDir;

/// Whoever signs.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    pub pem: String,
}

/// A certificate and its key, both as PEM.
#[derive(Debug)]
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

/// For whom a certificate is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Whoever listens.
    Server,
    /// Whoever calls.
    Client,
}

/// When a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// For as long as a test may run.
    Now,
    /// Not any more.
    Past,
    /// Not yet.
    Future,
}

impl Authority {
    /// A new one that nobody knows yet.
    ///
    /// # Panics
    /// When the system gives no random numbers.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = params(&[]);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key();
        let pem = params.self_signed(&key).expect("an authority").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for whoever listens at these names.
    ///
    /// # Panics
    /// When a name is none.
    #[must_use]
    pub fn server(&self, names: &[&str]) -> Pair {
        self.sign(names, For::Server, Time::Now)
    }

    /// A certificate for whoever calls.
    ///
    /// # Panics
    /// When the name is none.
    #[must_use]
    pub fn client(&self, name: &str) -> Pair {
        self.sign(&[name], For::Client, Time::Now)
    }

    /// A certificate for these names, this use and this time.
    ///
    /// # Panics
    /// When a name is none.
    #[must_use]
    pub fn sign(&self, names: &[&str], whose: For, time: Time) -> Pair {
        let mut params = params(names);
        params.extended_key_usages = vec![match whose {
            For::Server => ExtendedKeyUsagePurpose::ServerAuth,
            For::Client => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        (params.not_before, params.not_after) = match time {
            Time::Now => (date_time_ymd(2020, 1, 1), date_time_ymd(2120, 1, 1)),
            Time::Past => (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1)),
            Time::Future => (date_time_ymd(2119, 1, 1), date_time_ymd(2120, 1, 1)),
        };
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Pair { certificate, key: key.serialize_pem() }
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    CertificateParams::new(names).expect("names")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

/// A folder of its own, gone with this.
#[derive(Debug)]
pub struct Files(TempDir);

impl Files {
    /// An empty one.
    ///
    /// # Panics
    /// When there is no place for it.
    #[must_use]
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    /// Writes a file and tells its path.
    ///
    /// # Panics
    /// When there is no place for it.
    pub fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// The path of a file of that name, whether or not there is one.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Default for Files {
    fn default() -> Self {
        Self::new()
    }
}
