//! A list that was pasted or uploaded, read as it comes in: neither it nor its lines are whole in memory at
//! any time, and no connection of the database waits for a slow sender.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use futures::StreamExt;

use crate::kernel::id::{GroupId, ImportId};
use crate::kernel::problem::{ImportFault, Problem};
use crate::kernel::text::cleaned;
use crate::platform::call::{Call, WriteAndAttribute};
use crate::platform::failure::{Failure, Outcome};
use crate::resources::imports::model::{BYTES_MAX, NewImport, NewLine};
use crate::resources::imports::ops::{
    import_append, import_begin, import_discard, import_prepare, import_refused,
};
use crate::resources::imports::rules::{ListForm, ListReader};
use crate::ui::imports::files::sent_twice;
use crate::ui::imports::files::sent_twice::SentList;
use crate::ui::server::session::RequestContext;
use crate::ui::viewer::FORM_KEY;
use crate::ui::{messages, paths};

/// How many lines are written at once.
const LINES: usize = 2_000;
/// The longest pasted text that is put back into the form when it is refused: all of it, or nothing, since
/// who sends a part again takes it for all.
const KEPT: usize = 1024 * 1024;
/// How long, and how much, is listened to a sender whose list is refused: a browser shows an answer only
/// once it has been heard out.
const HEARD_FOR: Duration = Duration::from_secs(20);
const HEARD_OUT: usize = 256 << 20;
/// As much of a form as is read at all, in bytes: a list, and what names it.
const READ_MAX: usize = BYTES_MAX + (1 << 20);
/// The longest name of a file that is kept, in characters.
const FILE_NAME_MAX: usize = 255;

/// `POST /groups/{id}/bulk`, `multipart/form-data` with a field `pasted` or a file `file`. Goes on to the
/// preview; refused, back to the form.
pub async fn receive(
    Extension(visit): Extension<RequestContext>,
    Path(group): Path<String>,
    request: Request,
) -> Response {
    let form_at = crate::ui::imports::files::bulk_of(&group);
    let mut pasted = Kept::default();
    let outcome = match Multipart::from_request(request.map(bounded), &()).await {
        Ok(mut body) => {
            let outcome = take(&visit, &group, &mut body, &mut pasted).await;
            if outcome.is_err() {
                let _ = tokio::time::timeout(HEARD_FOR, hear_out(&mut body, &mut pasted)).await;
            }
            outcome
        }
        Err(_) => Err(Problem::FormMalformed.into()),
    };
    match outcome {
        Ok((group, import)) => Redirect::to(&paths::import(group, import)).into_response(),
        Err(failure) => refused(&visit, failure, &form_at, pasted).await,
    }
}

/// The name of a field is read whole, however long it is: of what comes after the longest list no more is
/// handed on, though it is heard out.
fn bounded(body: Body) -> Body {
    let mut heard = 0_usize;
    Body::from_stream(body.into_data_stream().map(move |part| {
        let bytes = part?;
        heard = heard.saturating_add(bytes.len());
        if heard > HEARD_OUT {
            return Err(axum::Error::new("the form does not end"));
        }
        Ok(if heard > READ_MAX { Bytes::new() } else { bytes })
    }))
}

async fn refused(visit: &RequestContext, failure: Failure, form_at: &str, pasted: Kept) -> Response {
    let is_cut = pasted.is_cut;
    let (told, go_to) = if matches!(failure, Failure::Problem(Problem::SignedOut)) {
        (visit.keep_typed(form_at, pasted.typed()).await, paths::login_for(form_at))
    } else {
        let mut error = visit.error(failure);
        if is_cut {
            error.sentence.push_str(messages::LIST_NOT_KEPT);
        }
        let typed = pasted.typed().unwrap_or_default();
        (visit.tell(Err(error), typed).await, form_at.to_owned())
    };
    match told {
        Ok(()) => Redirect::to(&go_to).into_response(),
        Err(failure) => visit.error(failure).sentence.into_response(),
    }
}

async fn take(
    visit: &RequestContext,
    group: &str,
    body: &mut Multipart,
    pasted: &mut Kept,
) -> Outcome<(GroupId, ImportId)> {
    let call = visit.write()?;
    let group: GroupId = group.parse().map_err(|_| Problem::FormMalformed)?;
    let mut key = String::new();
    while let Some(field) = body.next_field().await.map_err(broken_off)? {
        let form = match field.name() {
            Some("pasted") => {
                pasted.is_there = true;
                ListForm::Pasted
            }
            Some("file") => ListForm::Csv,
            Some(FORM_KEY) => {
                key = sent_twice::key_of(field).await?;
                continue;
            }
            Some(_) | None => continue,
        };
        let new = NewImport { group, file_name: file_name(&field, form) };
        let id = import_begin(&mut *visit.state.pool.acquire().await?, &call, &new).await?;
        let sent = SentList::new(&key, group, form);
        let reader = ListReader::new(form);
        let list = IncomingList { visit, call: &call, id, reader, lines: Vec::new(), sent };
        let kept = if form == ListForm::Pasted { Some(pasted) } else { None };
        return match list.read(field, kept).await {
            Ok(prepared) => Ok((group, prepared)),
            Err(failure) => {
                import_discard(&mut *visit.state.pool.acquire().await?, &call, id).await?;
                Err(failure)
            }
        };
    }
    Err(Problem::FormMalformed.into())
}

/// A browser sends the name without its folder; others may not.
fn file_name(field: &Field<'_>, form: ListForm) -> Option<String> {
    let name = field.file_name().filter(|_| form == ListForm::Csv)?;
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    // More than that is not looked at: a name may be as long as the body.
    let name: String = name.chars().take(FILE_NAME_MAX).collect();
    Some(cleaned(&name).chars().filter(|sign| !sign.is_control()).take(FILE_NAME_MAX).collect())
}

pub(super) fn broken_off(_: impl std::error::Error) -> Failure {
    import_refused(ImportFault::BrokenOff)
}

/// A text that was pasted, for the form that gets it back.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    is_cut: bool,
    /// Did the form hold such a text, be it an empty one?
    is_there: bool,
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        self.is_cut |= self.bytes.len() + bytes.len() > KEPT;
        if self.is_cut {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// `None`: the form held something else, or too much of it.
    fn typed(self) -> Option<BTreeMap<String, String>> {
        if self.is_cut || !self.is_there {
            return None;
        }
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let fields = (!text.is_empty()).then(|| ("pasted".to_owned(), text));
        Some(fields.into_iter().collect())
    }
}

struct IncomingList<'a> {
    visit: &'a RequestContext,
    call: &'a Call<WriteAndAttribute>,
    id: ImportId,
    reader: ListReader,
    lines: Vec<NewLine>,
    sent: SentList,
}

impl IncomingList<'_> {
    /// The import that the list is prepared as, which is another if it was sent before.
    async fn read(mut self, mut field: Field<'_>, mut kept: Option<&mut Kept>) -> Outcome<ImportId> {
        while let Some(bytes) = field.chunk().await.map_err(broken_off)? {
            if let Some(kept) = &mut kept {
                kept.push(&bytes);
            }
            if let Err(failure) = self.take(&bytes).await {
                // The rest of it is for the form.
                let _ = tokio::time::timeout(HEARD_FOR, hear_field(&mut field, kept)).await;
                return Err(failure);
            }
        }
        self.finish().await
    }

    async fn take(&mut self, bytes: &[u8]) -> Outcome<()> {
        let lines = self.reader.push(bytes).map_err(import_refused)?;
        self.lines.extend(lines);
        self.sent.push(bytes);
        if self.lines.len() >= LINES { self.write().await } else { Ok(()) }
    }

    async fn finish(mut self) -> Outcome<ImportId> {
        let lines = self.reader.finish().map_err(import_refused)?;
        self.lines.extend(lines);
        self.write().await?;
        let asked = self.sent.asked(self.visit)?;
        let mut transaction = self.visit.state.pool.current().begin().await?;
        if let Some(asked) = &asked {
            if let Some(before) = sent_twice::prepared_before(&mut transaction, asked).await? {
                import_discard(&mut transaction, self.call, self.id).await?;
                transaction.commit().await?;
                return Ok(before);
            }
            sent_twice::keep(&mut transaction, asked, self.id).await?;
        }
        import_prepare(&mut transaction, self.call, self.id, self.reader.column_name()).await?;
        transaction.commit().await?;
        Ok(self.id)
    }

    /// From the pool itself: a list that takes minutes to come in may wait as often as it needs a connection,
    /// and not for all of them together as long as for one.
    async fn write(&mut self) -> Outcome<()> {
        let mut connection = self.visit.state.pool.current().acquire().await?;
        for lines in self.lines.chunks(LINES) {
            import_append(&mut connection, self.call, self.id, lines).await?;
        }
        self.lines.clear();
        Ok(())
    }
}

/// What was refused before it was read is heard out, and a pasted text among it kept.
async fn hear_out(body: &mut Multipart, pasted: &mut Kept) {
    let mut heard = 0;
    while let Ok(Some(mut field)) = body.next_field().await {
        let is_pasted = field.name() == Some("pasted");
        pasted.is_there |= is_pasted;
        let kept = is_pasted.then_some(&mut *pasted);
        heard += hear_field(&mut field, kept).await;
        if heard > HEARD_OUT {
            return;
        }
    }
}

async fn hear_field(field: &mut Field<'_>, mut kept: Option<&mut Kept>) -> usize {
    let mut heard = 0;
    while let Ok(Some(bytes)) = field.chunk().await {
        heard += bytes.len();
        if heard > HEARD_OUT {
            break;
        }
        if let Some(kept) = &mut kept {
            kept.push(&bytes);
        }
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use futures::stream;

    /// In parts of a mebibyte.
    async fn read(mebibytes: usize) -> Option<usize> {
        let part = Bytes::from(vec![b'x'; 1 << 20]);
        let parts = stream::iter((0..mebibytes).map(move |_| Ok::<_, std::io::Error>(part.clone())));
        to_bytes(bounded(Body::from_stream(parts)), usize::MAX).await.ok().map(|read| read.len() >> 20)
    }

    #[tokio::test]
    async fn of_a_form_without_end_a_list_is_read() {
        assert_eq!(read(20).await, Some(20));
        assert_eq!(read(21).await, Some(21));
        assert_eq!(read(200).await, Some(21));
        assert_eq!(read(257).await, None);
    }
}
