package io.github.bedrockgateway;

import bedrock.gateway.v1.Citation;
import bedrock.gateway.v1.CitedContentBlock;
import bedrock.gateway.v1.CitedText;
import bedrock.gateway.v1.ContentBlock;
import bedrock.gateway.v1.ContentBlockDeltaEvent;
import bedrock.gateway.v1.ImageBlock;
import bedrock.gateway.v1.ImageBlockDelta;
import bedrock.gateway.v1.ImageBlockStart;
import bedrock.gateway.v1.ReasoningBlock;
import bedrock.gateway.v1.ReasoningBlockDelta;
import bedrock.gateway.v1.ReasoningBlockStart;
import bedrock.gateway.v1.ReasoningText;
import bedrock.gateway.v1.ToolResultBlock;
import bedrock.gateway.v1.ToolResultBlockStart;
import bedrock.gateway.v1.ToolResultContentBlock;
import bedrock.gateway.v1.ToolResultDeltaItem;
import bedrock.gateway.v1.ToolUseBlock;
import bedrock.gateway.v1.ToolUseBlockStart;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** How each kind of block grows. */
final class Blocks {
  private Blocks() {}

  /** Text, which becomes cited content with its first citation. */
  static final class Text implements AnswerCollector.BlockCollector {
    private final StringBuilder text = new StringBuilder();
    private final List<Citation> citations = new ArrayList<>();

    @Override
    public void extend(ContentBlockDeltaEvent delta) {
      if (delta.hasText()) {
        text.append(delta.getText());
      } else if (delta.hasCitation()) {
        citations.add(delta.getCitation());
      }
    }

    @Override
    public ContentBlock block() {
      ContentBlock.Builder block = ContentBlock.newBuilder();
      if (citations.isEmpty()) {
        return block.setText(text.toString()).build();
      }
      CitedContentBlock.Builder cited =
          CitedContentBlock.newBuilder()
              .addContent(CitedText.newBuilder().setText(text.toString()))
              .addAllCitations(citations);
      return block.setCitedContent(cited).build();
    }

    @Override
    public String text() {
      return text.toString();
    }
  }

  /** A call of a tool, whose input comes in fragments. */
  static final class ToolUse implements AnswerCollector.BlockCollector {
    private final ToolUseBlockStart start;
    private final StringBuilder input = new StringBuilder();

    ToolUse(ToolUseBlockStart start) {
      this.start = start;
    }

    @Override
    public void extend(ContentBlockDeltaEvent delta) {
      input.append(delta.getToolUse().getInputJson());
    }

    @Override
    public ContentBlock block() {
      ToolUseBlock.Builder call =
          ToolUseBlock.newBuilder()
              .setToolUseId(start.getToolUseId())
              .setName(start.getName())
              .setTypeValue(start.getTypeValue())
              .setInputJson(input.toString());
      return ContentBlock.newBuilder().setToolUse(call).build();
    }
  }

  /** The output of a tool. Texts in a row are one. */
  static final class ToolResult implements AnswerCollector.BlockCollector {
    private final ToolResultBlockStart start;
    private final List<ToolResultContentBlock> content = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private boolean inText;

    ToolResult(ToolResultBlockStart start) {
      this.start = start;
    }

    @Override
    public void extend(ContentBlockDeltaEvent delta) {
      for (ToolResultDeltaItem item : delta.getToolResult().getItemsList()) {
        switch (item.getItemCase()) {
          case TEXT -> {
            inText = true;
            text.append(item.getText());
          }
          case JSON -> {
            closeText(content);
            inText = false;
            text.setLength(0);
            content.add(ToolResultContentBlock.newBuilder().setJson(item.getJson()).build());
          }
          case ITEM_NOT_SET -> {}
        }
      }
    }

    @Override
    public ContentBlock block() {
      List<ToolResultContentBlock> all = new ArrayList<>(content);
      closeText(all);
      ToolResultBlock.Builder result =
          ToolResultBlock.newBuilder()
              .setToolUseId(start.getToolUseId())
              .setType(start.getType())
              .setStatusValue(start.getStatusValue())
              .addAllContent(all);
      return ContentBlock.newBuilder().setToolResult(result).build();
    }

    private void closeText(List<ToolResultContentBlock> to) {
      if (inText) {
        to.add(ToolResultContentBlock.newBuilder().setText(text.toString()).build());
      }
    }
  }

  /** Reasoning: readable and signed, or encrypted. */
  static final class Reasoning implements AnswerCollector.BlockCollector {
    private final ReasoningBlockStart start;
    private final StringBuilder text = new StringBuilder();
    private String signature = "";
    private boolean readable;
    private ByteString redacted;

    Reasoning(ReasoningBlockStart start) {
      this.start = start;
    }

    @Override
    public void extend(ContentBlockDeltaEvent delta) {
      ReasoningBlockDelta more = delta.getReasoning();
      switch (more.getDeltaCase()) {
        case TEXT -> {
          readable = true;
          text.append(more.getText());
        }
        case SIGNATURE -> {
          readable = true;
          signature = more.getSignature();
        }
        case REDACTED_CONTENT ->
            redacted =
                redacted == null
                    ? more.getRedactedContent()
                    : redacted.concat(more.getRedactedContent());
        case DELTA_NOT_SET -> {}
      }
    }

    @Override
    public ContentBlock block() {
      ReasoningBlock.Builder block = ReasoningBlock.newBuilder().setModel(start.getModel());
      if (redacted != null) {
        block.setRedactedContent(redacted);
      } else if (readable) {
        block.setReasoningText(
            ReasoningText.newBuilder().setText(text.toString()).setSignature(signature));
      }
      return ContentBlock.newBuilder().setReasoning(block).build();
    }
  }

  /** An image: bytes in pieces, or where the model stored it. */
  static final class Image implements AnswerCollector.BlockCollector {
    private final ImageBlock.Builder image;

    Image(ImageBlockStart start) {
      image = ImageBlock.newBuilder().setMimeType(start.getMimeType());
    }

    @Override
    public void extend(ContentBlockDeltaEvent delta) {
      ImageBlockDelta more = delta.getImage();
      switch (more.getSourceCase()) {
        case DATA -> image.setData(image.getData().concat(more.getData()));
        case S3_LOCATION -> image.setS3Location(more.getS3Location());
        case SOURCE_NOT_SET -> {}
      }
      if (more.hasError()) {
        image.setError(more.getError());
      }
    }

    @Override
    public ContentBlock block() {
      return ContentBlock.newBuilder().setImage(image).build();
    }
  }

  /** A block that came whole, or of a kind that this version does not know. */
  static final class Whole implements AnswerCollector.BlockCollector {
    private final ContentBlock block;

    Whole(ContentBlock block) {
      this.block = block;
    }

    @Override
    public void extend(ContentBlockDeltaEvent delta) {}

    @Override
    public ContentBlock block() {
      return block;
    }

    @Override
    public String text() {
      if (block.hasText()) {
        return block.getText();
      }
      StringBuilder text = new StringBuilder();
      for (CitedText cited : block.getCitedContent().getContentList()) {
        text.append(cited.getText());
      }
      return text.toString();
    }
  }
}
