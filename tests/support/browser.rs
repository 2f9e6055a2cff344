//! A browser without JavaScript: follows links and redirects, keeps cookies, sends forms.

use std::sync::Arc;

use reqwest::cookie::Jar;
use reqwest::header::HeaderMap;
use reqwest::multipart::Form;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::Desk;
use super::data::PASSWORD;

#[derive(Debug, Clone)]
pub struct Browser {
    pub http: Client,
    /// The same browser, which stops where it is sent on.
    pub alone: Client,
    base: String,
}

/// A page, and where one ended up.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Path and query.
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
    pub(super) fn new(desk: &Desk) -> Self {
        Self::at(desk.url(""))
    }

    /// At the desk of this origin.
    pub fn at(base: String) -> Self {
        let cookies = Arc::new(Jar::default());
        let http = Client::builder().cookie_provider(Arc::clone(&cookies)).build().unwrap();
        let alone = Client::builder().cookie_provider(cookies).redirect(Policy::none()).build().unwrap();
        Self { http, alone, base }
    }

    /// The same browser, with the same cookies, at the desk of another origin.
    pub fn at_another(&self, base: String) -> Self {
        Self { base, ..self.clone() }
    }

    /// As an operator of the tests, whoever was signed in before.
    pub async fn signed_in(self, email: &str) -> Self {
        let page = self.submit("sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!((page.status, page.at.as_str()), (200, "/"), "{}", page.html);
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Where an address leads: up to a page of another site, or to a path of the desk, which is not opened yet.
    pub async fn led(&self, address: &str) -> String {
        let mut at = Url::parse(address).unwrap();
        loop {
            let answer = self.alone.get(at.clone()).send().await.unwrap();
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

    /// Sends the first form of the page that goes there, with these fields filled in.
    pub async fn press(&self, page: &Page, function: &str, typed: &[(&str, &str)]) -> Page {
        let fields = filled(page.form(function), typed);
        let request =
            self.asked(function).header("referer", format!("{}{}", self.base, page.at)).form(&fields);
        Page::read(&self.base, request).await
    }

    /// Sends a form of ours that holds a file, or a long text, to its address.
    pub async fn send(&self, path: &str, form: Form) -> Page {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .multipart(form);
        Page::read(&self.base, request).await
    }

    /// Sends a form of ours, as a browser does, to the server function of this name.
    pub async fn submit(&self, function: &str, fields: &[(&str, &str)]) -> Page {
        Page::read(&self.base, self.asked(function).form(fields)).await
    }

    fn asked(&self, function: &str) -> reqwest::RequestBuilder {
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

    /// Its text as one reads it.
    pub fn text(&self) -> String {
        let body = self.html.split_once("<body").map_or(self.html.as_str(), |(_, body)| body);
        words(body.split_once('>').map_or(body, |(_, body)| body))
    }

    /// The fields of the first form that goes to this server function, as they stand. A hidden form
    /// is a script's and not a reader's.
    pub fn form(&self, function: &str) -> Vec<(String, String)> {
        self.form_to(&format!("/api/fn/{function}"))
    }

    /// [`Self::form`] of one that goes to this address.
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

    /// The message that follows a change.
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

/// Without marks, scripts and comments, with single spaces and none before a full stop.
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
