package io.github.bedrockgateway;

import bedrock.gateway.v1.AttemptEvent;
import bedrock.gateway.v1.ContentBlock;
import bedrock.gateway.v1.ContentBlockDeltaEvent;
import bedrock.gateway.v1.ContentBlockStartEvent;
import bedrock.gateway.v1.InvocationMetadata;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.InvokeStreamResponse;
import bedrock.gateway.v1.Message;
import bedrock.gateway.v1.MessageStopEvent;
import bedrock.gateway.v1.Role;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Joins the events of a stream into the answer that {@link GatewayClient#invoke(String)} would have
 * given.
 *
 * <p>It can be asked for the text or the message at any time, also while events still come. An
 * event that says that output is discarded makes it forget what came before. Not for use by several
 * threads at once.
 */
public final class AnswerCollector {
  private final SortedMap<Integer, BlockCollector> blocks = new TreeMap<>();
  private Role role = Role.ROLE_UNSPECIFIED;
  private MessageStopEvent stop;
  private InvocationMetadata metadata;

  /** Makes a collector that has seen nothing yet. */
  public AnswerCollector() {}

  /**
   * Takes the next event. Events that this version does not know are passed over.
   *
   * @param event from the stream, in order
   * @return this collector
   */
  public AnswerCollector add(InvokeStreamResponse event) {
    switch (event.getEventCase()) {
      case MESSAGE_START -> role = event.getMessageStart().getRole();
      case CONTENT_BLOCK_START -> open(event.getContentBlockStart());
      case CONTENT_BLOCK_DELTA -> extend(event.getContentBlockDelta());
      case MESSAGE_STOP -> stop = event.getMessageStop();
      case METADATA -> metadata = event.getMetadata();
      case ATTEMPT -> progress(event.getAttempt());
      case CONTENT_BLOCK_STOP, HEARTBEAT, EVENT_NOT_SET -> {}
    }
    return this;
  }

  /** {@return the text so far: of all text and cited blocks, joined without separators} */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (BlockCollector block : blocks.values()) {
      text.append(block.text());
    }
    return text.toString();
  }

  /** {@return the message so far; blocks that are not closed yet are in it as far as they came} */
  public Message message() {
    Message.Builder message = Message.newBuilder().setRole(role);
    for (BlockCollector block : blocks.values()) {
      message.addContent(block.block());
    }
    return message.build();
  }

  /** {@return whether the whole answer has come, to its last event} */
  public boolean isComplete() {
    return stop != null && metadata != null;
  }

  /**
   * {@return the whole answer}
   *
   * @throws IllegalStateException if it is not complete yet; {@link #message()} has what came
   */
  public InvokeResponse response() {
    if (!isComplete()) {
      throw new IllegalStateException("the answer is not complete");
    }
    InvokeResponse.Builder response =
        InvokeResponse.newBuilder()
            .setText(text())
            .setMessage(message())
            .setStopReasonValue(stop.getStopReasonValue())
            .setRawStopReason(stop.getRawStopReason())
            .setMetadata(metadata);
    if (stop.hasAdditionalModelResponseFields()) {
      response.setAdditionalModelResponseFields(stop.getAdditionalModelResponseFields());
    }
    return response.build();
  }

  private void open(ContentBlockStartEvent start) {
    blocks.put(start.getContentBlockIndex(), BlockCollector.open(start));
  }

  private void extend(ContentBlockDeltaEvent delta) {
    BlockCollector block = blocks.get(delta.getContentBlockIndex());
    if (block != null) {
      block.extend(delta);
    }
  }

  private void progress(AttemptEvent attempt) {
    if (attempt.getOutputDiscarded()) {
      blocks.clear();
      role = Role.ROLE_UNSPECIFIED;
      stop = null;
    }
  }

  /** A block as far as it came. */
  interface BlockCollector {
    static BlockCollector open(ContentBlockStartEvent start) {
      return switch (start.getStartCase()) {
        case TEXT -> new Blocks.Text();
        case TOOL_USE -> new Blocks.ToolUse(start.getToolUse());
        case TOOL_RESULT -> new Blocks.ToolResult(start.getToolResult());
        case REASONING -> new Blocks.Reasoning(start.getReasoning());
        case IMAGE -> new Blocks.Image(start.getImage());
        case WHOLE -> new Blocks.Whole(start.getWhole());
        case START_NOT_SET -> new Blocks.Whole(ContentBlock.getDefaultInstance());
      };
    }

    /** Appends a delta. One that does not suit the block is passed over. */
    void extend(ContentBlockDeltaEvent delta);

    ContentBlock block();

    /** What the block adds to the text of the answer. */
    default String text() {
      return "";
    }
  }
}
