use futures_util::stream;
use prost_types::Timestamp as ProtoTimestamp;
use tokio::net::TcpListener;
use tonic::Response;
use tonic::Status;
use tonic::transport::Server;

use super::*;
use crate::proto::GetModelRequest;
use crate::proto::GetModelResponse;
use crate::proto::ListModelsResponse;
use crate::proto::Pricing;
use crate::proto::model_service_server::ModelService;
use crate::proto::model_service_server::ModelServiceServer;

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
    let args = ModelsArgs {
        address,
        registry: None,
        json: true,
    };
    let environment = Environment::default();
    let (mut output, mut notes) = (Vec::new(), Vec::new());

    let exit = tokio::select! {
        exit = run(args, &environment, &mut output, &mut notes) => exit.unwrap(),
        ended = server => panic!("the server ended: {ended:?}"),
    };

    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(output), text(notes))
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
fn the_table_aligns_and_marks_what_is_not_known() {
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
        table(&models),
        "\
PRIORITY  MODEL            STATE    CONTEXT  OUTPUT  IN $/M  OUT $/M  RETIRES     ALIASES    CALLED AS
       1  claude-opus-4-1  active    200000   32000   15.00    75.00  2026-12-31  opus,best  us.anthropic.claude-opus-4-1-20250805-v1:0
       9  deepseek-r1      retired        -       -       -        -  -           -          -
"
    );
}

#[test]
fn prices_keep_their_digits() {
    assert_eq!(dollars(250_000_000), "0.25");
    assert_eq!(dollars(1_000_000_000), "1.00");
    assert_eq!(dollars(35_000_000), "0.035");
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
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/config/aws-bedrock-models.json"
    );
    let args = ModelsArgs {
        address: String::new(),
        registry: Some(file.into()),
        json: false,
    };
    let environment: Environment = [("BEDROCK_GATEWAY_REGISTRY_PROFILE_ACCOUNT", "123456789012")]
        .into_iter()
        .collect();
    let (mut output, mut notes) = (Vec::new(), Vec::new());

    let exit = run(args, &environment, &mut output, &mut notes)
        .await
        .unwrap();

    let text = String::from_utf8(output).unwrap();
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
async fn json_says_what_a_model_can_do_and_refuses() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/config/aws-bedrock-models.json"
    );
    let args = ModelsArgs {
        address: String::new(),
        registry: Some(file.into()),
        json: true,
    };
    let mut output = Vec::new();

    run(args, &Environment::default(), &mut output, &mut Vec::new())
        .await
        .unwrap();

    let models: Value = serde_json::from_slice(&output).unwrap();
    let model = &models[7];
    let holds = |list: &Value, item: &str| list.as_array().unwrap().contains(&item.into());
    assert_eq!(model["name"], "deepseek-r1");
    assert!(holds(&model["capabilities"], "CAPABILITY_REASONING"));
    assert!(!holds(&model["capabilities"], "CAPABILITY_TOOL_USE"));
    assert!(holds(&model["unsupportedFields"], "tool_config"));
}
