//! The display names of browsers.

/// The first match wins, because most browsers also send the names of others.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Shortens a `User-Agent` header to a name such as `Firefox on Linux`, by which users recognize their browser. Nothing
/// depends on it, because clients may send anything.
pub fn browser_name(user_agent: &str) -> String {
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_by_their_own_product() {
        let on = |system: &str, rest: &str| browser_name(&format!("Mozilla/5.0 ({system}) {rest}"));
        let (x11, mac) = ("X11; Linux x86_64; rv:140.0", "Macintosh; Intel Mac OS X 10_15_7");
        assert_eq!(on(x11, "Gecko/20100101 Firefox/140.0"), "Firefox on Linux");
        assert_eq!(on(mac, "AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"), "Safari on macOS");
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(on("Windows NT 10.0; Win64; x64", chrome), "Chrome on Windows");
        assert_eq!(on("Windows NT 10.0; Win64; x64", &format!("{chrome} Edg/140.0")), "Edge on Windows");
        assert_eq!(on("Linux; Android 15; Pixel 9", chrome), "Chrome on Android");
        assert_eq!(browser_name("curl/8.5.0"), "curl");
        assert_eq!(browser_name(""), "Unknown browser");
    }
}
