package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamResponse;
import bedrock.gateway.v1.Message;
import com.google.protobuf.TextFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerCollectorTest {
  private static final String START = "message_start {role: ROLE_ASSISTANT model: 'm'}";
  private static final String STOP =
      "message_stop {stop_reason: STOP_REASON_END_TURN raw_stop_reason: 'end_turn'}";
  private static final String METADATA = "metadata {request_id: 'r' model: 'm'}";

  @Test
  void textIsJoined() {
    InvokeResponse answer =
        collected(
            START,
            "content_block_start {text {}}",
            "content_block_delta {text: 'Io, '}",
            "content_block_delta {text: 'Europa'}",
            "content_block_stop {}",
            STOP,
            METADATA);

    assertEquals(
        parsed(
            InvokeResponse.newBuilder(),
            """
            text: 'Io, Europa'
            message {role: ROLE_ASSISTANT content {text: 'Io, Europa'}}
            stop_reason: STOP_REASON_END_TURN
            raw_stop_reason: 'end_turn'
            metadata {request_id: 'r' model: 'm'}
            """),
        answer);
  }

  @Test
  void interleavedBlocksAreToldApartAndOrderedByTheirIndex() {
    assertMessage(
        "content {text: 'ab'} content {tool_use {tool_use_id: 't' name: 'n' input_json: '{}'}}",
        "content_block_start {content_block_index: 1 tool_use {tool_use_id: 't' name: 'n'}}",
        "content_block_start {text {}}",
        "content_block_delta {text: 'a'}",
        "content_block_delta {content_block_index: 1 tool_use {input_json: '{'}}",
        "content_block_delta {text: 'b'}",
        "content_block_delta {content_block_index: 1 tool_use {input_json: '}'}}");
  }

  @Test
  void blockWithoutDeltasIsKept() {
    assertMessage("content {text: ''}", "content_block_start {text {}}");
    assertMessage(
        "content {reasoning {model: 'm'}}", "content_block_start {reasoning {model: 'm'}}");
  }

  @Test
  void citationTurnsTextIntoCitedContentAndTextMayFollow() {
    assertMessage(
        """
        content {cited_content {
          content {text: 'ab'} citations {title: 'one'} citations {title: 'two'}
        }}
        """,
        "content_block_start {text {}}",
        "content_block_delta {text: 'a'}",
        "content_block_delta {citation {title: 'one'}}",
        "content_block_delta {text: 'b'}",
        "content_block_delta {citation {title: 'two'}}");
  }

  @Test
  void signatureOfReasoningReplacesAnEarlierOne() {
    assertMessage(
        "content {reasoning {model: 'm' reasoning_text {text: 'ab' signature: 's2'}}}",
        "content_block_start {reasoning {model: 'm'}}",
        "content_block_delta {reasoning {text: 'a'}}",
        "content_block_delta {reasoning {signature: 's1'}}",
        "content_block_delta {reasoning {text: 'b'}}",
        "content_block_delta {reasoning {signature: 's2'}}");
  }

  @Test
  void signatureAloneIsReadableReasoning() {
    assertMessage(
        "content {reasoning {reasoning_text {signature: 's'}}}",
        "content_block_start {reasoning {}}",
        "content_block_delta {reasoning {signature: 's'}}");
  }

  @Test
  void encryptedReasoningIsJoined() {
    assertMessage(
        "content {reasoning {redacted_content: '\\001\\002'}}",
        "content_block_start {reasoning {}}",
        "content_block_delta {reasoning {redacted_content: '\\001'}}",
        "content_block_delta {reasoning {redacted_content: '\\002'}}");
  }

  @Test
  void imageComesInPiecesOrByItsPlaceAndWithItsError() {
    assertMessage(
        "content {image {mime_type: 'image/png' data: '\\001\\002' error {message: 'cut'}}}",
        "content_block_start {image {mime_type: 'image/png'}}",
        "content_block_delta {image {data: '\\001'}}",
        "content_block_delta {image {data: '\\002' error {message: 'cut'}}}");
    assertMessage(
        "content {image {mime_type: 'image/png' s3_location {uri: 's3://b/k'}}}",
        "content_block_start {image {mime_type: 'image/png'}}",
        "content_block_delta {image {s3_location {uri: 's3://b/k'}}}");
  }

  @Test
  void textsOfToolResultInRowAreOne() {
    assertMessage(
        """
        content {tool_result {
          tool_use_id: 't' type: 'web' status: TOOL_RESULT_STATUS_SUCCESS
          content {text: 'ab'} content {json: '{}'} content {json: '[]'} content {text: 'c'}
        }}
        """,
        """
        content_block_start {
          tool_result {tool_use_id: 't' type: 'web' status: TOOL_RESULT_STATUS_SUCCESS}
        }
        """,
        "content_block_delta {tool_result {items {text: 'a'}}}",
        "content_block_delta {tool_result {items {text: 'b'} items {json: '{}'}}}",
        "content_block_delta {tool_result {items {json: '[]'} items {text: 'c'}}}");
  }

  @Test
  void wholeBlocksCountAsText() {
    AnswerCollector collector =
        collector(
            START,
            "content_block_start {whole {text: 'a'}}",
            """
            content_block_start {content_block_index: 1 whole {cited_content {
              content {text: 'b'} content {text: 'c'} citations {title: 'one'}
            }}}
            """,
            "content_block_start {content_block_index: 2 whole {video {mime_type: 'video/mp4'}}}");

    assertEquals("abc", collector.text());
    assertTrue(collector.message().getContent(2).hasVideo());
  }

  @Test
  void discardedOutputIsForgotten() {
    InvokeResponse answer =
        collected(
            START,
            "content_block_start {text {}}",
            "content_block_delta {text: 'lost'}",
            "content_block_start {content_block_index: 1 text {}}",
            "attempt {output_discarded: true}",
            START,
            "content_block_start {text {}}",
            "content_block_delta {text: 'kept'}",
            STOP,
            METADATA);

    assertEquals("kept", answer.getText());
    assertEquals(1, answer.getMessage().getContentCount());
  }

  @Test
  void attemptsAndHeartbeatsChangeNothing() {
    AnswerCollector collector =
        collector(
            "attempt {}", "heartbeat {}", START, "content_block_start {text {}}", "heartbeat {}");

    collector.add(InvokeStreamResponse.getDefaultInstance());

    assertEquals(1, collector.message().getContentCount());
  }

  @Test
  void deltaThatSuitsNoBlockIsPassedOver() {
    assertMessage(
        "content {text: 'a'}",
        "content_block_start {text {}}",
        "content_block_delta {text: 'a'}",
        "content_block_delta {tool_use {input_json: '{'}}",
        "content_block_delta {content_block_index: 7 text: 'lost'}");
  }

  @Test
  void partOfAnAnswerIsNeverGivenAsWhole() {
    AnswerCollector collector =
        collector(START, "content_block_start {text {}}", "content_block_delta {text: 'so far'}");

    assertFalse(collector.isComplete());
    assertThrows(IllegalStateException.class, collector::response);
    assertEquals("so far", collector.text());

    collector.add(event(STOP));

    assertThrows(IllegalStateException.class, collector::response);

    collector.add(event(METADATA));

    assertTrue(collector.isComplete());
    assertEquals("so far", collector.response().getText());
  }

  @Test
  void fieldsOfTheModelsOwnReplyAreKept() {
    InvokeResponse answer =
        collected(
            START,
            """
            message_stop {
              stop_reason: STOP_REASON_OTHER
              additional_model_response_fields {fields {key: '/x' value {number_value: 1}}}
            }
            """,
            METADATA);

    assertEquals(
        1, answer.getAdditionalModelResponseFields().getFieldsOrThrow("/x").getNumberValue());
  }

  private static void assertMessage(String content, String... events) {
    Message expected = (Message) parsed(Message.newBuilder().setRoleValue(2), content);
    AnswerCollector collector = collector(START);
    List.of(events).forEach(event -> collector.add(event(event)));

    assertEquals(expected, collector.message());
  }

  private static InvokeResponse collected(String... events) {
    return collector(events).response();
  }

  private static AnswerCollector collector(String... events) {
    AnswerCollector collector = new AnswerCollector();
    for (String event : events) {
      collector.add(event(event));
    }
    return collector;
  }

  private static InvokeStreamResponse event(String text) {
    return (InvokeStreamResponse) parsed(InvokeStreamResponse.newBuilder(), text);
  }

  private static com.google.protobuf.Message parsed(
      com.google.protobuf.Message.Builder builder, String text) {
    try {
      TextFormat.merge(text, builder);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(text, e);
    }
    return builder.build();
  }
}
