import bedrock.gateway.v1.ContentBlock;
import bedrock.gateway.v1.ImageBlock;
import bedrock.gateway.v1.InvokeRequest;
import bedrock.gateway.v1.InvokeResponse;
import bedrock.gateway.v1.Message;
import bedrock.gateway.v1.Role;
import com.google.protobuf.ByteString;
import io.github.bedrockgateway.GatewayClient;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** Draws a picture and asks about it. */
public final class Images {
  public static void main(String[] arguments) throws IOException {
    String address = System.getenv().getOrDefault("GATEWAY_ADDRESS", "http://127.0.0.1:50051");
    InvokeRequest request =
        InvokeRequest.newBuilder()
            .setModel("claude-sonnet-4-5")
            .addMessages(
                Message.newBuilder()
                    .setRole(Role.ROLE_USER)
                    .addContent(
                        ContentBlock.newBuilder()
                            // Its type is told by its first bytes.
                            .setImage(ImageBlock.newBuilder().setData(redSquare())))
                    .addContent(
                        ContentBlock.newBuilder().setText("Which colour is this? One word.")))
            .build();
    try (GatewayClient client = GatewayClient.connect(address)) {
      InvokeResponse answer = client.invoke(request);

      System.out.println(answer.getText());
    }
  }

  private static ByteString redSquare() throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < 64; x++) {
      for (int y = 0; y < 64; y++) {
        image.setRGB(x, y, 0xff0000);
      }
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return ByteString.copyFrom(png.toByteArray());
  }
}
