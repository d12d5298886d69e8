//! Several gateways behind one name.

use std::net::SocketAddr;

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Options;
use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::support::Gateway;
use crate::support::prompt;
use crate::support::soon;

async fn client_of_both(one: &Gateway, other: &Gateway) -> Client {
    let options = Options::new().addresses([one.address(), other.address()]);
    Client::connect("http://gateways.invalid", options)
        .await
        .unwrap()
}

/// Calls until both gateways have had one.
async fn reach_both(client: &Client, one: &Gateway, other: &Gateway) {
    let reached = async {
        while one.calls().is_empty() || other.calls().is_empty() {
            client.invoke(prompt("Hi")).await.unwrap();
        }
    };
    soon(reached).await;
}

#[tokio::test]
async fn gateways_take_calls_in_turn() {
    let (one, other) = tokio::join!(Gateway::start(), Gateway::start());
    let client = client_of_both(&one, &other).await;
    reach_both(&client, &one, &other).await;
    let before = (one.calls().len(), other.calls().len());

    for _ in 0..10 {
        client.invoke(prompt("Hi")).await.unwrap();
    }

    let after = (one.calls().len(), other.calls().len());
    assert_eq!((after.0 - before.0, after.1 - before.1), (5, 5));
}

#[tokio::test]
async fn gateway_that_stops_costs_no_call() {
    let (one, other) = tokio::join!(Gateway::start(), Gateway::start());
    let client = client_of_both(&one, &other).await;
    reach_both(&client, &one, &other).await;

    let (running, channel) = one.into_running();
    drop(channel);
    soon(running.drain(std::future::ready(()))).await;

    for _ in 0..20 {
        client.invoke(prompt("Hi")).await.unwrap();
    }
}

#[tokio::test]
async fn address_that_takes_no_connection_is_left_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let gateway = Gateway::start().await;
    let options = Options::new().addresses([nobody, gateway.address()]);
    let client = Client::connect("http://gateways.invalid", options)
        .await
        .unwrap();

    for _ in 0..10 {
        client.invoke(prompt("Hi")).await.unwrap();
    }

    assert_eq!(gateway.calls().len(), 10);
}

#[tokio::test]
async fn name_is_asked_of_dns() {
    let gateway = Gateway::start().await;
    let port = gateway.address().port();
    let address = format!("http://localhost:{port}");

    let client = Client::connect(&address, Options::new()).await.unwrap();
    client.invoke(prompt("Hi")).await.unwrap();

    assert_eq!(gateway.calls().len(), 1);
}

#[tokio::test]
async fn connection_that_broke_is_made_anew() {
    let gateway = Gateway::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let upstream = gateway.address();
    let client = Client::connect(&address, Options::new());
    let (client, first) = tokio::join!(client, forward(&listener, upstream));
    let client = client.unwrap();
    client.invoke(prompt("Hi")).await.unwrap();

    first.abort();
    let again = client.invoke(prompt("Hi"));
    let (again, _second) = tokio::join!(again, forward(&listener, upstream));

    again.unwrap();
    assert_eq!(gateway.calls().len(), 2);
}

/// Takes one connection, and brings its bytes to and fro until it is aborted.
async fn forward(listener: &TcpListener, upstream: SocketAddr) -> JoinHandle<()> {
    let (mut here, _) = listener.accept().await.unwrap();
    let mut there = TcpStream::connect(upstream).await.unwrap();
    tokio::spawn(async move {
        let _ended = copy_bidirectional(&mut here, &mut there).await;
    })
}
