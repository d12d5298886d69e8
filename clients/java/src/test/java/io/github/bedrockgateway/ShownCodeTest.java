package io.github.bedrockgateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.testing.TlsTesting;
import java.io.InputStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What README.md and samples/ show is compiled and run as it stands there. */
@Timeout(300)
class ShownCodeTest {
  private static final LiveGateway GATEWAY = LiveGateway.get();
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\n(.*?)^```$");
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir Path folder;

  @Test
  void javaOfTheReadmeRuns() throws Exception {
    Path authority = folder.resolve("ca.pem");
    try (InputStream certificate = TlsTesting.loadCert("ca.pem")) {
      Files.copy(certificate, authority);
    }
    List<Path> sources = new ArrayList<>();
    Set<String> imports = new LinkedHashSet<>();
    for (String block : blocks("java")) {
      String shown =
          block
              .replace("http://127.0.0.1:50051", GATEWAY.address())
              .replace("\"ca.pem\"", "\"" + authority + "\"");
      block.lines().filter(line -> line.startsWith("import ")).forEach(imports::add);
      String name = "Block" + sources.size();
      Path source = folder.resolve(name + ".java");
      Files.writeString(source, wrapped(name, imports, shown));
      sources.add(source);
    }
    assertTrue(sources.size() >= 8, "blocks: " + sources.size());

    compile(sources);

    try (GatewayClient client = GatewayClient.connect(GATEWAY.address());
        URLClassLoader loader =
            new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      for (int i = 0; i < sources.size(); i++) {
        Method run = loader.loadClass("Block" + i).getMethod("run", GatewayClient.class);
        run.invoke(null, client);
      }
    }
  }

  @Test
  void shellOfTheReadmeRuns() throws Exception {
    List<String> blocks = blocks("sh");
    assertFalse(blocks.isEmpty());
    for (String block : blocks) {
      run("bash", "-euc", block);
    }
    GATEWAY.reset();
  }

  @Test
  void dependencyOfTheReadmeIsThisPackage() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    String shown = blocks("xml").get(0);

    for (String element : List.of("groupId", "artifactId", "version")) {
      assertEquals(first(pom, element), first(shown, element));
    }
  }

  @Test
  void everyBlockOfTheReadmeIsOfKindThatIsRun() throws Exception {
    Matcher matcher = BLOCK.matcher(Files.readString(Path.of("README.md")));
    int blocks = 0;
    while (matcher.find()) {
      assertTrue(Set.of("java", "sh", "xml").contains(matcher.group(1)), matcher.group());
      blocks++;
    }
    assertTrue(blocks > 0);
  }

  @Test
  void samplesRunAndPrintWhatReadersExpect() throws Exception {
    List<Path> sources;
    try (Stream<Path> samples = Files.list(Path.of("samples"))) {
      sources = samples.toList();
    }
    assertEquals(7, sources.size());
    compile(sources);

    assertPrints(sample("Basic"), "answered by \\S+ with \\d+ tokens for \\d+ billionths of a USD");
    assertPrints(sample("Stream"), "STOP_REASON_END_TURN after \\d+ tokens");
    assertPrints(sample("Tools"), "the model calls get_weather with \\{.*\\}\n.+");
    assertPrints(sample("Images"), "\\w+");
    assertPrints(
        sample("Errors"),
        """
        prompt: is required.*
        MODEL_NOT_FOUND: read docs/errors.md#model_not_found, or ask for \\S+
        UPSTREAM_THROTTLED after 1 attempt\\(s\\): try again in PT\\S+S
        """);
    assertPrints(
        sample("Fallback"),
        "1. claude-opus-4-1: STATE_FAILED ERROR_REASON_UPSTREAM_INTERNAL\n"
            + "(?s:.*)claude-sonnet-4-5: STATE_SUCCEEDED");
    assertPrints(
        sample("Cancel"),
        "left after: .+\nthe future was cancelled: true\ntoo late: DEADLINE_EXCEEDED");
  }

  private static String wrapped(String name, Set<String> imports, String block) {
    List<String> statements = block.lines().filter(line -> !line.startsWith("import ")).toList();
    // The first block makes the client that the others use.
    String client = block.contains("GatewayClient client =") ? "unused" : "client";
    return String.join("\n", imports)
        + "\npublic class "
        + name
        + " {\n  public static void run(GatewayClient "
        + client
        + ") throws Exception {\n"
        + String.join("\n", statements)
        + "\n  }\n}\n";
  }

  private static List<String> blocks(String language) throws Exception {
    Matcher matcher = BLOCK.matcher(Files.readString(Path.of("README.md")));
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      if (matcher.group(1).equals(language)) {
        blocks.add(matcher.group(2));
      }
    }
    return blocks;
  }

  private static String first(String xml, String element) {
    Matcher matcher = Pattern.compile("<" + element + ">([^<]*)<").matcher(xml);
    assertTrue(matcher.find(), element);
    return matcher.group(1);
  }

  private void compile(List<Path> sources) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of("-d", folder.toString(), "-cp", CLASS_PATH, "-Xlint:all", "-Werror");
      boolean compiled =
          compiler
              .getTask(said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertTrue(compiled, said.toString());
    }
  }

  private String sample(String name) throws Exception {
    return run(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--class-path",
        folder + System.getProperty("path.separator") + CLASS_PATH,
        name);
  }

  private static void assertPrints(String output, String pattern) {
    assertTrue(Pattern.compile(pattern).matcher(output).find(), output);
  }

  private static String run(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("GATEWAY_ADDRESS", GATEWAY.address());
    builder.environment().put("EMULATOR_URL", GATEWAY.emulator());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}
