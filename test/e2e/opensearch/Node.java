// One node of OpenSearch for a test: prints "ready", ends when its standard input does.
// arguments: folder for its data, HTTP port

import org.codelibs.opensearch.runner.OpenSearchRunner;

public class Node {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("http.port", arguments[1]);
      settings.put("discovery.type", "single-node");
      settings.putList("discovery.seed_hosts");
    });
    runner.build(
        OpenSearchRunner.newConfigs().basePath(arguments[0]).numOfNode(1).clusterName("test").useLogger());
    runner.ensureYellow();
    System.out.println("node is ready");
    while (System.in.read() >= 0) {}
    runner.close();
    System.exit(0);
  }
}
