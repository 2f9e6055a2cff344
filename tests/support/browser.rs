//! A browser without JavaScript: follows links and redirects, keeps cookies, sends forms.

use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::header::HeaderMap;
use reqwest::multipart::Form;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use scraper::{ElementRef, Html, Selector};

use super::TestApp;
use super::data::PASSWORD;

#[derive(Debug, Clone)]
pub struct Browser {
    pub http: Client,
    /// The same browser, without following redirects.
    pub no_redirects: Client,
    base: String,
}

/// A page, with the address after all redirects.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Path and query of the final address.
    pub at: String,
    pub headers: HeaderMap,
    pub html: String,
}

/// The fields of a form, with these filled in.
pub fn filled(mut fields: Vec<(String, String)>, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, value) in typed {
        fields.retain(|(other, _)| other != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

impl Browser {
    pub(super) fn new(app: &TestApp) -> Self {
        Self::at(app.url(""))
    }

    /// A browser with an empty cookie store at the server of this origin.
    pub fn at(base: String) -> Self {
        let cookies = Arc::new(Jar::default());
        let http = Client::builder().cookie_provider(Arc::clone(&cookies)).build().unwrap();
        let no_redirects =
            Client::builder().cookie_provider(cookies).redirect(Policy::none()).build().unwrap();
        Self { http, no_redirects, base }
    }

    /// The same browser, with the same cookies, at another server.
    pub fn at_another(&self, base: String) -> Self {
        Self { base, ..self.clone() }
    }

    /// Signs in as an operator that [`super::operator`] has created. An earlier session of this browser
    /// ends.
    pub async fn signed_in(self, email: &str) -> Self {
        let page = self.submit("sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!((page.status, page.at.as_str()), (200, "/"), "{}", page.html);
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Follows the redirects of an address and returns the last one, which is on another site or is a path
    /// of the server that has not been requested yet.
    pub async fn follow_redirects(&self, address: &str) -> String {
        let mut at = Url::parse(address).unwrap();
        loop {
            let answer = self.no_redirects.get(at.clone()).send().await.unwrap();
            let Some(next) = answer.headers().get("location") else { return at.into() };
            at = at.join(next.to_str().unwrap()).unwrap();
            if let Some(path) = at.as_str().strip_prefix(&self.base) {
                return path.to_owned();
            }
        }
    }

    pub async fn open(&self, path: &str) -> Page {
        let request = self.http.get(format!("{}{path}", self.base)).header("accept", "text/html");
        Page::read(&self.base, request).await
    }

    /// Submits the first form of the page with this server function, with these fields filled in.
    pub async fn press(&self, page: &Page, function: &str, typed: &[(&str, &str)]) -> Page {
        let fields = filled(page.form(function), typed);
        let request =
            self.form_request(function).header("referer", format!("{}{}", self.base, page.at)).form(&fields);
        Page::read(&self.base, request).await
    }

    /// Submits a same-origin multipart form, for example with a file or a long text.
    pub async fn send(&self, path: &str, form: Form) -> Page {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .multipart(form);
        Page::read(&self.base, request).await
    }

    /// Submits a same-origin form to this server function, as a browser does.
    pub async fn submit(&self, function: &str, fields: &[(&str, &str)]) -> Page {
        Page::read(&self.base, self.form_request(function).form(fields)).await
    }

    fn form_request(&self, function: &str) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}/api/fn/{function}", self.base))
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
    }
}

impl Page {
    pub async fn read(base: &str, request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            at: response.url().as_str().trim_start_matches(base).to_owned(),
            headers: response.headers().clone(),
            html: response.text().await.unwrap(),
        }
    }

    /// The visible text of the page.
    pub fn text(&self) -> String {
        let document = self.document();
        words(document.select(&selector("body")).next().unwrap_or_else(|| document.root_element()))
    }

    /// The fields of the first form that goes to this server function, with their present values. Hidden
    /// forms are skipped, because only scripts use them.
    pub fn form(&self, function: &str) -> Vec<(String, String)> {
        self.form_to(&format!("/api/fn/{function}"))
    }

    /// Like [`Self::form`], for the form with this address.
    pub fn form_to(&self, address: &str) -> Vec<(String, String)> {
        let document = self.document();
        let form = document
            .select(&selector(&format!("form[action=\"{address}\"]:not([hidden])")))
            .next()
            .unwrap_or_else(|| panic!("no form to {address} in {}", self.text()));
        form.select(&selector("input, textarea")).filter_map(field).collect()
    }

    /// The enrollment that the button of the first row removes.
    pub fn first_removal(&self) -> String {
        let (_, rest) =
            self.html.split_once("form=\"removal\" name=\"enrollment\" value=\"").expect("a button");
        rest.split('"').next().unwrap().to_owned()
    }

    pub fn has_form(&self, function: &str) -> bool {
        self.html.contains(&format!("/api/fn/{function}"))
    }

    /// The message at the top of the page after a change.
    pub fn message(&self) -> String {
        let document = self.document();
        let message = document.select(&selector(".message")).next();
        words(message.unwrap_or_else(|| panic!("no message in {}", self.text())))
    }

    /// The text of the page without the navigation, a line for each block.
    pub fn main(&self) -> String {
        let document = self.document();
        let main = document.select(&selector("main")).next().expect("a main element");
        let mut text = String::new();
        for node in main.descendants() {
            if let Some(element) = ElementRef::wrap(node).map(|element| element.value()) {
                text.push_str(if INLINE.contains(&element.name()) { " " } else { "\n" });
                for label in
                    ["aria-label", "placeholder", "title"].into_iter().filter_map(|name| element.attr(name))
                {
                    text.extend(["[", label, "] "]);
                }
            }
            if let Some(part) = node.value().as_text() {
                text.push_str(part);
            }
        }
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn document(&self) -> Html {
        Html::parse_document(&self.html)
    }
}

/// Elements that do not start a line.
const INLINE: [&str; 9] = ["a", "b", "bdi", "code", "kbd", "span", "strong", "svg", "time"];

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

/// Name and value of a field, unless it is a choice that is not chosen.
fn field(field: ElementRef<'_>) -> Option<(String, String)> {
    let element = field.value();
    let is_choice = matches!(element.attr("type"), Some("radio" | "checkbox"));
    if is_choice && element.attr("checked").is_none() {
        return None;
    }
    let value = match element.name() {
        "textarea" => field.text().collect(),
        _ => element.attr("value").unwrap_or_default().to_owned(),
    };
    Some((element.attr("name")?.to_owned(), value))
}

/// The text of a piece of HTML.
pub fn visible_text(html: &str) -> String {
    words(Html::parse_fragment(html).root_element())
}

/// The text without scripts, with single spaces and none before a full stop.
fn words(element: ElementRef<'_>) -> String {
    let visible = element.descendants().filter(|node| {
        node.parent().and_then(ElementRef::wrap).is_none_or(|parent| parent.value().name() != "script")
    });
    let texts: Vec<&str> = visible.filter_map(|node| node.value().as_text().map(|text| &**text)).collect();
    texts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".")
}
