//! A local HTTPS server on which every launch succeeds: TLS 1.3 with one P-256 certificate from its
//! own authority. It checks and stores nothing, so that only its client is measured.

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, version};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// The token in the link names Peter Parker as leader and is valid for an hour in 2033.
const ANSWER: &str = concat!(
    r#"{"client_url":"https://room.example/?user=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."#,
    "eyJuYmYiOjIwMDAwMDAwMDAsImV4cCI6MjAwMDAwMzYwMCwiY2FuTGVhZCI6dHJ1ZSwibWV0YSI6eyJuYW1l",
    "IjoiUGV0ZXIgUGFya2VyIn19.c2lnbmVkIGJ5IG5vYm9keSwgZm9yIGEgYmVuY2htYXJrIG9u",
    r#"&room=0f2b6a3e-6f0c-4d2e-9a5b-1c7d8e9f0a1b","api_base":"https://api.example/v2/","#,
    r#""room_id":"0f2b6a3e-6f0c-4d2e-9a5b-1c7d8e9f0a1b","user_id":1001,"#,
    r#""secret":"9d8c7b6a-5f4e-4d3c-8b2a-190817263544","#,
    r#""room_settings":{"record_av":false,"transcribe":false,"summarise":false}}"#,
);

/// The running server; it ends with the process.
pub struct Server {
    /// The certificate that clients must trust, in PEM.
    pub authority: String,
    port: u16,
}

impl Server {
    /// Starts the server on a free port with this many threads.
    pub fn start(threads: usize) -> anyhow::Result<Self> {
        let (config, authority) = certified()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        for _ in 0..threads {
            let (listener, acceptor) = (listener.try_clone()?, TlsAcceptor::from(config.clone()));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
            thread::spawn(move || runtime.block_on(serve(listener, acceptor)));
        }
        Ok(Self { authority, port })
    }

    /// The API's address. It contains no host name: curl resolves `localhost` itself, and other
    /// programs look it up.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}/v2/", self.port)
    }
}

/// The server's configuration, and the authority that signed its certificate.
fn certified() -> anyhow::Result<(Arc<ServerConfig>, String)> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Benchmark authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate =
        CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((Arc::new(config), authority.pem()))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            loop {
                let (stream, _) = listener.accept().await?;
                // Errors of clients that disconnect early are ignored.
                tokio::task::spawn_local(converse(stream, acceptor.clone()));
            }
        })
        .await
}

/// Responds to the requests of one connection in turn, until the client closes it.
async fn converse(stream: TcpStream, acceptor: TlsAcceptor) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = acceptor.accept(stream).await?;
    let answer = format!(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    let mut received = Vec::new();
    loop {
        while let Some(length) = request_length(&received) {
            received.drain(..length);
            stream.write_all(answer.as_bytes()).await?;
            stream.flush().await?;
        }
        if stream.read_buf(&mut received).await? == 0 {
            return stream.shutdown().await;
        }
    }
}

/// The length of the first request in bytes, if all of it has arrived.
fn request_length(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let body = received[..head]
        .split(|&byte| byte == b'\n')
        .filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, length)| length.trim().parse().ok())?;
    (received.len() >= head + body).then_some(head + body)
}
