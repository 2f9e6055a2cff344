//! A browser without JavaScript: follows links and redirects, keeps cookies, sends forms.

use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::header::HeaderMap;
use reqwest::multipart::Form;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

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
        let body = self.html.split_once("<body").map_or(self.html.as_str(), |(_, body)| body);
        words(body.split_once('>').map_or(body, |(_, body)| body))
    }

    /// The fields of the first form that goes to this server function, with their present values. Hidden
    /// forms are skipped, because only scripts use them.
    pub fn form(&self, function: &str) -> Vec<(String, String)> {
        self.form_to(&format!("/api/fn/{function}"))
    }

    /// Like [`Self::form`], for the form with this address.
    pub fn form_to(&self, address: &str) -> Vec<(String, String)> {
        let action = format!("action=\"{address}\"");
        let form = self
            .html
            .split("<form ")
            .skip(1)
            .find(|form| {
                let (tag, _) = form.split_once('>').unwrap();
                tag.contains(&action) && !tag.ends_with(" hidden")
            })
            .unwrap_or_else(|| panic!("no form to {address} in {}", self.text()));
        let (form, _) = form.split_once("</form>").unwrap();
        let attribute = |tag: &str, name: &str| {
            let (_, value) = tag.split_once(&format!(" {name}=\""))?;
            Some(plain(value.split_once('"')?.0))
        };
        form.split('<')
            .filter_map(|part| {
                let (tag, text) = part.split_once('>')?;
                let is_choice =
                    ["radio", "checkbox"].iter().any(|kind| tag.contains(&format!("type=\"{kind}\"")));
                if is_choice && !tag.contains(" checked") {
                    return None;
                }
                let value = match tag.split(' ').next()? {
                    "input" => attribute(tag, "value").unwrap_or_default(),
                    "textarea" => plain(text),
                    _ => return None,
                };
                Some((attribute(tag, "name")?, value))
            })
            .collect()
    }

    pub fn has_form(&self, function: &str) -> bool {
        self.html.contains(&format!("/api/fn/{function}"))
    }

    /// The message at the top of the page after a change.
    pub fn message(&self) -> String {
        let (_, rest) = self
            .html
            .split_once("class=\"message message--")
            .unwrap_or_else(|| panic!("no message in {}", self.text()));
        let (_, rest) = rest.split_once('>').unwrap();
        words(rest.split_once("</div>").unwrap().0)
    }
}

fn plain(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// The text without tags, scripts and comments, with single spaces and none before a full stop.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, mark)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let end = if mark.starts_with("script") {
            "</script>"
        } else if mark.starts_with("!--") {
            "-->"
        } else {
            ">"
        };
        rest = mark.split_once(end).map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    let text = plain(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".")
}
