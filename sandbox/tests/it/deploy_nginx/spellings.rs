//! Ways to claim to be somebody, byte by byte: what no HTTP library would send.

/// One way, with `FORGED` or an administrator's role as what it claims.
pub struct Spelling {
    /// What is special about it.
    pub what: String,
    /// Header lines, each with its line end.
    lines: String,
    /// Lines after a chunked body.
    trailers: String,
    version: &'static str,
}

/// Whom they all claim to be.
pub const FORGED: &str = "attacker@linkojob.test";

impl Spelling {
    fn new(what: impl Into<String>, lines: impl Into<String>) -> Self {
        let (what, lines) = (what.into(), lines.into());
        Self { what, lines, trailers: String::new(), version: "1.1" }
    }

    /// The whole request.
    pub fn request(&self, path: &str, cookie: Option<&str>) -> Vec<u8> {
        let Self { what: _, lines, trailers, version } = self;
        let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        let body = if trailers.is_empty() {
            "\r\n".to_owned()
        } else {
            format!(
                "Transfer-Encoding: chunked\r\nTE: trailers\r\n\r\n2\r\n{{}}\r\n0\r\n{trailers}\r\n"
            )
        };
        let method = if trailers.is_empty() { "GET" } else { "POST" };
        format!("{method} {path} HTTP/{version}\r\nHost: app.test\r\nConnection: close\r\n{cookie}{lines}{body}")
            .into_bytes()
    }
}

/// Every way; more than a hundred.
pub fn all() -> Vec<Spelling> {
    let mut all = Vec::new();
    for (header, value) in
        [("email", FORGED), ("role", "SUPER_ADMIN"), ("x-gateway-secret", "guessed")]
    {
        for name in cases(header) {
            plain(&mut all, &name, value);
        }
        odd(&mut all, header, value);
    }
    together(&mut all);
    all
}

fn cases(name: &str) -> [String; 4] {
    let title = name[..1].to_uppercase() + &name[1..];
    let mixed = name
        .char_indices()
        .map(|(at, letter)| if at % 2 == 0 { letter } else { letter.to_ascii_uppercase() });
    [name.to_owned(), name.to_uppercase(), title, mixed.collect()]
}

/// What any client may send.
fn plain(all: &mut Vec<Spelling>, name: &str, value: &str) {
    let mut add =
        |what: &str, lines: String| all.push(Spelling::new(format!("{name}: {what}"), lines));
    add("once", format!("{name}: {value}\r\n"));
    add("twice", format!("{name}: {value}\r\n{name}: {value}\r\n"));
    add("no space", format!("{name}:{value}\r\n"));
    add("space behind", format!("{name}: {value}   \r\n"));
    add("empty, then full", format!("{name}:\r\n{name}: {value}\r\n"));
    add("named as of this hop", format!("Connection: close, {name}\r\n{name}: {value}\r\n"));
    let trailers = format!("{name}: {value}\r\n");
    all.push(Spelling { trailers, ..Spelling::new(format!("{name}: behind the body"), "") });
}

/// What no client should send.
fn odd(all: &mut Vec<Spelling>, name: &str, value: &str) {
    let underscored = name.replace('-', "_");
    let upper = name.to_uppercase();
    for (what, lines) in [
        ("in two cases", format!("{name}: {value}\r\n{upper}: {value}\r\n")),
        ("underscored", format!("{underscored}: {value}\r\n")),
        ("underscore behind", format!("{name}_: {value}\r\n")),
        ("underscore before", format!("_{name}: {value}\r\n")),
        ("as a CGI variable", format!("HTTP_{underscored}: {value}\r\n")),
        ("space before the colon", format!("{name} : {value}\r\n")),
        ("tab before the colon", format!("{name}\t: {value}\r\n")),
        ("space before the name", format!(" {name}: {value}\r\n")),
        ("tab before the name", format!("\t{name}: {value}\r\n")),
        ("folded", format!("{name}:\r\n {value}\r\n")),
        ("folded into another header", format!("Accept: a\r\n {name}: {value}\r\n")),
        ("zero in the name", format!("{name}\0: {value}\r\n")),
        ("zero in the value", format!("{name}: {value}\0\r\n")),
        ("vertical tab in the name", format!("{name}\u{b}: {value}\r\n")),
        ("escape in the value", format!("{name}: \u{1b}{value}\r\n")),
        ("behind a bare return", format!("Accept: a\r{name}: {value}\r\n")),
        ("behind a bare line feed", format!("Accept: a\n{name}: {value}\r\n")),
        ("ended by a bare line feed", format!("{name}: {value}\n")),
        ("without a colon", format!("{name} {value}\r\n")),
        ("quoted", format!("\"{name}\": {value}\r\n")),
        ("percent-encoded", format!("%65{}: {value}\r\n", &name[1..])),
        ("full-width letter", format!("\u{ff45}{}: {value}\r\n", &name[1..])),
        ("dotted i", format!("{}: {value}\r\n", name.replace('i', "\u{130}"))),
        ("beside an underscored one", format!("{underscored}_: x\r\n{name}: {value}\r\n")),
        ("long", format!("{name}: {}{value}\r\n", "a".repeat(6000))),
        ("in a list", format!("{name}: {value}, {value}\r\n")),
    ] {
        all.push(Spelling::new(format!("{name}: {what}"), lines));
    }
    let lines = format!("{name}: {value}\r\n");
    all.push(Spelling { version: "1.0", ..Spelling::new(format!("{name}: HTTP/1.0"), lines) });
}

/// Several headers at once, in any order.
fn together(all: &mut Vec<Spelling>) {
    let lines = [
        format!("email: {FORGED}\r\n"),
        "role: SUPER_ADMIN\r\n".to_owned(),
        "x-gateway-secret: guessed\r\n".to_owned(),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let forged: String = order.iter().map(|&at| lines[at].as_str()).collect();
        all.push(Spelling::new(format!("all three, {order:?}"), forged.clone()));
        all.push(Spelling::new(format!("all three twice, {order:?}"), forged.repeat(2)));
    }
    let many: String = (0..40).map(|at| format!("x-padding-{at}: a\r\n")).collect();
    let [email, role, _] = &lines;
    all.push(Spelling::new("behind many others", format!("{many}{email}{role}")));
    all.push(Spelling::new("around many others", format!("{email}{many}{role}")));
}
