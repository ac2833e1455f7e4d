//! Why a core cannot be reached, in words for whoever runs it.
//!
//! A core that is away is asked again every few seconds, and its reason is logged once, not as often:
//! each kind of trouble once until the core has answered again.

use std::{error::Error, fmt, io, mem::Discriminant};

use rustls::{AlertDescription, CertificateError};
use tonic::{ConnectError, Status};

use super::node::Node;

/// Why a core does not answer.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// It takes the connection and says nothing.
    Silent,
    /// No connection comes about.
    Unreachable(String),
    /// It answers a TLS handshake with something else.
    NotTls,
    /// Its certificate is not taken.
    Untrusted(String),
    /// The connection came about and broke before an answer came.
    Broken {
        /// Whether it was one of TLS.
        secure: bool,
        /// What broke it.
        words: String,
    },
}

impl Trouble {
    /// What befell a call; none when the core itself said so.
    pub(super) fn of(status: &Status, secure: bool) -> Option<Self> {
        let mut at = status.source()?;
        let (mut connecting, mut tls) = (false, None);
        loop {
            connecting |= at.is::<ConnectError>();
            tls = tls.or_else(|| handshake(at));
            match at.source() {
                Some(deeper) => at = deeper,
                None => break,
            }
        }
        let words = at.to_string();
        Some(match (connecting, tls) {
            (true, Some(rustls::Error::InvalidMessage(_))) => Self::NotTls,
            (true, Some(rustls::Error::InvalidCertificate(why))) => Self::Untrusted(untrusted(why)),
            (true, Some(rustls::Error::AlertReceived(alert))) => {
                Self::Broken { secure, words: alert_words(*alert) }
            }
            (true, _) => Self::Unreachable(words),
            (false, _) => Self::Broken { secure, words },
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("it does not answer"),
            Self::Unreachable(words) => write!(f, "it cannot be reached: {words}"),
            Self::NotTls => f.write_str("it does not speak TLS, but CORE_URL says https://"),
            Self::Untrusted(words) => write!(f, "its certificate is not taken: {words}"),
            Self::Broken { secure: true, words } => write!(
                f,
                "it ended the connection ({words}), as a core does that does not take the edge's \
                 certificate, or gets none (EDGE_TLS_CERT)"
            ),
            Self::Broken { secure: false, words } => write!(
                f,
                "it ended the connection ({words}), as a core does that speaks TLS only \
                 (https:// in CORE_URL)"
            ),
        }
    }
}

/// What went wrong in a handshake; it travels inside of an I/O error, which is not its source.
fn handshake<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

fn untrusted(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "no authority in EDGE_TLS_CA signed it".to_owned()
        }
        why => why.to_string(),
    }
}

fn alert_words(alert: AlertDescription) -> String {
    format!("alert {alert:?}")
}

/// What has been logged of one core since it answered last.
#[derive(Debug, Default)]
pub(super) struct Told {
    failed: bool,
    kinds: Vec<Discriminant<Trouble>>,
}

impl Told {
    /// The core answered.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Logs trouble of a new kind. The first failure is passed over: a process that starts or ends has
    /// many reasons within moments, and what lasts is seen again.
    pub(super) fn tell(&mut self, node: &Node, trouble: &Trouble) {
        if !std::mem::replace(&mut self.failed, true) {
            return;
        }
        let kind = std::mem::discriminant(trouble);
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
            tracing::warn!(core.url = node.name(), "the core {} is away: {trouble}", node.name());
        }
    }
}
