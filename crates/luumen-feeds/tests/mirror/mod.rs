//! A publisher on this machine who does what publishers do: break off, refuse, redirect, pack, dawdle and vanish.

use std::{
    collections::HashMap,
    convert::Infallible,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use futures::{StreamExt, stream};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HeaderMap,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) etag: Option<String>,
    /// Breaks off after so many bytes.
    pub(crate) cut: Option<usize>,
    /// Waits before each 100 bytes.
    pub(crate) slow: bool,
}

impl Reply {
    pub(crate) fn file(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
            etag: None,
            cut: None,
            slow: false,
        }
    }
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::file("refused")
        }
    }
    pub(crate) fn etag(mut self, etag: &str) -> Self {
        self.etag = Some(format!("\"{etag}\""));
        self
    }
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
    pub(crate) fn cut(mut self, after: usize) -> Self {
        self.cut = Some(after);
        self
    }
    pub(crate) fn slow(mut self) -> Self {
        self.slow = true;
        self
    }
    pub(crate) fn gzip(mut self) -> Self {
        self.body = gzip(&self.body);
        self.header("content-encoding", "gzip")
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

type Answer = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

#[derive(Default)]
struct Book {
    answers: HashMap<String, Answer>,
    seen: Vec<Seen>,
}

/// The publisher.
#[derive(Clone)]
pub(crate) struct Mirror {
    pub(crate) base: String,
    book: Arc<Mutex<Book>>,
}

impl Mirror {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let book = Arc::new(Mutex::new(Book::default()));
        let router = Router::new().fallback(handle).with_state(book.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, book }
    }

    /// Answers one after the other; the last one for ever.
    pub(crate) fn serve(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut replies: Vec<Reply> = replies.into_iter().collect();
        replies.reverse();
        let replies = Mutex::new(replies);
        self.answer(path, move |_| {
            let mut replies = replies.lock().unwrap();
            if replies.len() > 1 {
                replies.pop().unwrap()
            } else {
                replies[0].clone()
            }
        });
    }

    pub(crate) fn answer(&self, path: &str, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) {
        let mut book = self.book.lock().unwrap();
        book.answers.insert(format!("/{path}"), Arc::new(answer));
    }

    /// What was asked for at the path since the last time somebody looked.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let mut book = self.book.lock().unwrap();
        let path = format!("/{path}");
        let (these, others) = std::mem::take(&mut book.seen)
            .into_iter()
            .partition(|seen| seen.path == path);
        book.seen = others;
        these
    }
}

async fn handle(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let seen = Seen {
        path: request.uri().path().to_owned(),
        query: query
            .map(|(key, value)| (key.to_owned(), value.replace("%3A", ":")))
            .collect(),
        headers: request.headers().clone(),
    };
    let answer = {
        let mut book = book.lock().unwrap();
        book.seen.push(seen.clone());
        book.answers.get(&seen.path).cloned()
    };
    match answer {
        Some(answer) => respond(&seen, answer(&seen)),
        None => respond(&seen, Reply::status(404)),
    }
}

fn respond(seen: &Seen, reply: Reply) -> Response {
    let mut response = Response::builder();
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    if reply.status != 200 {
        return response
            .status(reply.status)
            .body(Body::from(reply.body))
            .unwrap();
    }
    let etag = reply.etag.as_deref();
    if let Some(etag) = etag {
        response = response.header(header::ETAG, etag);
    }
    if etag.is_some() && seen.header("if-none-match") == etag {
        return response
            .status(StatusCode::NOT_MODIFIED)
            .body(Body::empty())
            .unwrap();
    }
    let range = seen
        .header("range")
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let start: usize = range.filter(|_| seen.header("if-range") == etag).unwrap_or(0);
    let whole = reply.body.len();
    if start > 0 {
        let range = format!("bytes {start}-{}/{whole}", whole - 1);
        response = response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, range);
    }
    let rest = reply.body[start..].to_vec();
    response = response.header(header::CONTENT_LENGTH, rest.len());
    response.body(body(rest, reply.cut, reply.slow)).unwrap()
}

fn body(bytes: Vec<u8>, cut: Option<usize>, slow: bool) -> Body {
    if cut.is_none() && !slow {
        return Body::from(bytes);
    }
    let kept = cut.unwrap_or(bytes.len()).min(bytes.len());
    let parts: Vec<_> = bytes[..kept].chunks(100).map(<[u8]>::to_vec).collect();
    let parts = stream::iter(parts).then(move |part| async move {
        // Also when cut: what came must have left before the connection breaks.
        tokio::time::sleep(Duration::from_millis(if slow { 50 } else { 2 })).await;
        Ok::<_, std::io::Error>(part)
    });
    let end = stream::iter(cut).then(|_| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::other("cut"))
    });
    Body::from_stream(parts.chain(end))
}

/// A proxy that speaks SOCKS5, in the fewest words; counts who came.
pub(crate) async fn socks(target: String) -> (String, Arc<Mutex<u32>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("socks5h://{}", listener.local_addr().unwrap());
    let count = Arc::new(Mutex::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            *counted.lock().unwrap() += 1;
            let target = target.clone();
            tokio::spawn(async move {
                let mut head = [0; 2];
                client.read_exact(&mut head).await?;
                let mut methods = vec![0; head[1].into()];
                client.read_exact(&mut methods).await?;
                client.write_all(&[5, 0]).await?;
                // Version, command, reserved, kind 3 (a name), its length, the name, the port.
                let mut ask = [0; 5];
                client.read_exact(&mut ask).await?;
                let mut name = vec![0; usize::from(ask[4]) + 2];
                client.read_exact(&mut name).await?;
                client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
                let mut server = tokio::net::TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
        Ok::<_, Infallible>(())
    });
    (address, count)
}
