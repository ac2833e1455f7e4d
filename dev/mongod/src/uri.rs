//! Connection strings.

/// A user's name and password, both of letters and digits.
pub(crate) type User<'a> = Option<(&'a str, &'a str)>;

/// Of a whole set, by the ports of its nodes.
pub(crate) fn of_set(ports: impl IntoIterator<Item = u16>, name: &str, user: User<'_>) -> String {
    let hosts: Vec<_> = ports.into_iter().map(host).collect();
    format!("mongodb://{}{}/?replicaSet={name}", prefix(user), hosts.join(","))
}

/// Of one server, without looking for the rest of its set.
pub(crate) fn of_server(port: u16, user: User<'_>) -> String {
    format!("mongodb://{}{}/?directConnection=true", prefix(user), host(port))
}

/// As a set's configuration names its members.
pub(crate) fn host(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn prefix(user: User<'_>) -> String {
    user.map_or_else(String::new, |(name, password)| format!("{name}:{password}@"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_lists_all_its_nodes() {
        assert_eq!(
            of_set([18_001, 18_002], "rs-1", None),
            "mongodb://127.0.0.1:18001,127.0.0.1:18002/?replicaSet=rs-1"
        );
    }

    #[test]
    fn a_user_comes_first() {
        assert_eq!(
            of_server(18_001, Some(("ana", "secret"))),
            "mongodb://ana:secret@127.0.0.1:18001/?directConnection=true"
        );
    }
}
