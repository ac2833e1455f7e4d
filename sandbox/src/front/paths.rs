//! Which path belongs to whom.

/// The parts of the address space that the edge answers.
const EDGE: [&str; 4] = ["/api", "/api-docs", "/socket.io", "/health"];

/// Called by Meta, which proves itself in another way than by a recruiter's session.
const META_CALLS: [&str; 3] =
    ["/api/webhooks", "/api/auth/whatsapp/deauthorize", "/api/auth/whatsapp/data-deletion"];

/// Whether the edge answers this path.
pub(super) fn belongs_to_edge(path: &str) -> bool {
    EDGE.iter().any(|prefix| is_under(path, prefix))
}

/// Whether this path is called by Meta and therefore gets no person's identity.
pub(super) fn called_by_meta(path: &str) -> bool {
    META_CALLS.iter().any(|prefix| is_under(path, prefix))
}

fn is_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_word_is_another_path() {
        assert!(belongs_to_edge("/api"));
        assert!(belongs_to_edge("/api/clients"));
        assert!(belongs_to_edge("/api-docs/"));
        assert!(!belongs_to_edge("/apis"));
        assert!(!belongs_to_edge("/graph/api"));
        assert!(called_by_meta("/api/webhooks"));
        assert!(!called_by_meta("/api/webhooks-of-mine"));
    }
}
