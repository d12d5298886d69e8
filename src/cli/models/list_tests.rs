use clap::Parser;
use futures_util::stream;
use jiff::civil::date;
use prost_types::Timestamp as ProtoTimestamp;
use tokio::net::TcpListener;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::transport::Server;

use super::*;
use crate::proto::GetModelRequest;
use crate::proto::GetModelResponse;
use crate::proto::ListModelsRequest;
use crate::proto::ListModelsResponse;
use crate::proto::Pricing;
use crate::proto::model::State;
use crate::proto::model_service_server::ModelService;
use crate::proto::model_service_server::ModelServiceServer;

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/config/aws-bedrock-models.json"
);

/// `models list` alone.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    list: ListArgs,
}

/// What the command prints with these flags and variables.
async fn printed(flags: &[&str], environment: &Environment) -> (Exit, String, String) {
    let line = CommandLine::try_parse_from([&["list"], flags].concat()).unwrap();
    let (mut output, mut notes) = (Vec::new(), Vec::new());
    let streams = Streams {
        input: &mut std::io::empty(),
        output: &mut output,
        notes: &mut notes,
        screen: Screen::default(),
    };

    let exit = run(line.list, environment, streams).await.unwrap();

    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(output), text(notes))
}

/// A gateway with one model on each page; the token of a page is its number.
struct Paged {
    pages: usize,
}

#[tonic::async_trait]
impl ModelService for Paged {
    async fn list_models(
        &self,
        request: Request<ListModelsRequest>,
    ) -> Result<Response<ListModelsResponse>, Status> {
        let page: usize = request.into_inner().page_token.parse().unwrap_or_default();
        let next = page + 1;
        Ok(Response::new(ListModelsResponse {
            models: vec![model(&format!("model-{page}"), 1, State::Active)],
            next_page_token: if next == self.pages {
                String::new()
            } else {
                next.to_string()
            },
        }))
    }

    async fn get_model(
        &self,
        _request: Request<GetModelRequest>,
    ) -> Result<Response<GetModelResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

/// Lists the models of a gateway as JSON.
async fn listed(gateway: Paged) -> (Exit, String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let accepted = stream::unfold(listener, |listener| async {
        Some((listener.accept().await.map(|(socket, _)| socket), listener))
    });
    let server = Server::builder()
        .add_service(ModelServiceServer::new(gateway))
        .serve_with_incoming(accepted);
    let environment = Environment::default();
    let flags = ["--json", "--address", &address];

    tokio::select! {
        printed = printed(&flags, &environment) => printed,
        ended = server => panic!("the server ended: {ended:?}"),
    }
}

fn model(name: &str, priority: i32, state: State) -> Model {
    Model {
        name: name.to_owned(),
        priority,
        state: state.into(),
        ..Model::default()
    }
}

#[test]
fn what_is_known_stands_in_columns_and_what_is_not_has_a_mark() {
    let models = [
        Model {
            aliases: vec!["opus".to_owned(), "best".to_owned()],
            bedrock_model_id: "us.anthropic.claude-opus-4-1-20250805-v1:0".to_owned(),
            context_window_tokens: 200_000,
            max_output_tokens: 32_000,
            pricing: Some(Pricing {
                currency_code: "USD".to_owned(),
                input_nanos_per_million_tokens: 15_000_000_000,
                output_nanos_per_million_tokens: 75_000_000_000,
                ..Pricing::default()
            }),
            retire_time: Some(ProtoTimestamp {
                seconds: 1_798_675_200,
                nanos: 0,
            }),
            ..model("claude-opus-4-1", 1, State::Active)
        },
        model("deepseek-r1", 9, State::Retired),
    ];

    assert_eq!(
        list(&models, date(2026, 12, 1), Screen::default()),
        "\
PRIORITY  MODEL            STATE    CONTEXT  OUTPUT  IN $/M  OUT $/M  RETIRES     DAYS  ALIASES    CALLED AS
       1  claude-opus-4-1  active    200000   32000   15.00    75.00  2026-12-31    30  opus,best  us.anthropic.claude-opus-4-1-20250805-v1:0
       9  deepseek-r1      retired        -       -       -        -  -              -  -          -
"
    );
}

#[tokio::test]
async fn every_page_is_asked_for() {
    let (exit, output, _) = listed(Paged { pages: 3 }).await;

    let models: Value = serde_json::from_str(&output).unwrap();
    let names: Vec<&str> = models
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["name"].as_str().unwrap())
        .collect();
    assert_eq!(exit, Exit::Success);
    assert_eq!(names, ["model-0", "model-1", "model-2"]);
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let (exit, output, notes) = listed(Paged { pages: usize::MAX }).await;

    assert_eq!((exit, notes.as_str()), (Exit::Failure, ""));
    assert!(
        output.contains("the list of models does not end"),
        "{output}"
    );
}

#[tokio::test]
async fn a_registry_file_is_listed_without_a_gateway() {
    let environment = [("BEDROCK_GATEWAY_REGISTRY_PROFILE_ACCOUNT", "123456789012")];

    let (exit, text, _) = printed(&["--registry", FILE], &environment.into_iter().collect()).await;

    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(exit, Exit::Success);
    assert_eq!(lines.len(), 9, "{text}");
    assert!(lines[1].contains("claude-opus-4-1"), "{text}");
    assert!(
        lines[1].contains(":123456789012:inference-profile/"),
        "{text}"
    );
    assert!(lines[8].contains("deepseek-r1"), "{text}");
}

#[tokio::test]
async fn flags_overrule_the_environment_of_a_file() {
    let environment = [
        ("BEDROCK_GATEWAY_REGISTRY_PROFILE_ACCOUNT", "123456789012"),
        ("AWS_REGION", "us-east-1"),
    ];
    let flags = [
        "--registry-profile-account=plain-id",
        "--bedrock-region=eu-west-1",
        "--registry-try-retired-models",
        "--json",
        "--registry",
        FILE,
    ];

    let (_, text, _) = printed(&flags, &environment.into_iter().collect()).await;

    let models: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        models[0]["bedrockModelId"],
        "us.anthropic.claude-opus-4-1-20250805-v1:0"
    );
    assert_eq!(models[0]["region"], "eu-west-1");
    assert_eq!(models[0]["state"], "STATE_DISABLED");
    assert_eq!(models[2]["state"], "STATE_DISABLED");
}

#[test]
fn flags_of_a_file_say_nothing_of_a_gateway() {
    for flags in [
        &["--bedrock-region", "eu-west-1"][..],
        &["--registry-profile-account", "plain-id"],
        &["--config", "gateway.toml"],
        &["--registry", FILE, "--address", "127.0.0.1:50051"],
    ] {
        let refused = CommandLine::try_parse_from([&["list"], flags].concat()).is_err();

        assert!(refused, "{flags:?}");
    }
}

#[tokio::test]
async fn json_says_what_a_model_can_do_and_refuses() {
    let (_, text, _) = printed(&["--json", "--registry", FILE], &Environment::default()).await;

    let models: Value = serde_json::from_str(&text).unwrap();
    let model = &models[7];
    let holds = |list: &Value, item: &str| list.as_array().unwrap().contains(&item.into());
    assert_eq!(model["name"], "deepseek-r1");
    assert!(holds(&model["capabilities"], "CAPABILITY_REASONING"));
    assert!(!holds(&model["capabilities"], "CAPABILITY_TOOL_USE"));
    assert!(holds(&model["unsupportedFields"], "tool_config"));
    assert_eq!(model["mediaLimits"]["maxImages"], 20);
    assert_eq!(model["destinationRegions"][1], "us-east-2");
}
