package dev.dualwrite.relay.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An image, unpacked: its configuration, its layers, and the root file system that they make. */
final class ImageRoot {

    private static final Path TOOLS_LOG = Path.of("target", "image-tools.log");

    // What a container runtime does, with the kernel's own means: a root that is read-only, a /tmp that is not, a table
    // of processes, an unprivileged user, no environment but the image's.
    private static final String RUN = """
            set -e
            root=$1; config=$2; secrets=$3; user=$4; shift 4
            images=$PATH
            PATH=/usr/sbin:/usr/bin:/sbin:/bin
            mount --bind "$root" "$root"
            mount -t proc proc "$root/proc"
            mount --rbind /dev "$root/dev"
            mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
            mount --bind "$config" "$root/etc/dualwrite"
            mount --bind "$secrets" "$root/run/secrets/dualwrite"
            mount -o remount,bind,ro "$root"
            tool=$(command -v chroot)
            PATH=$images
            exec "$tool" --userspec="$user" "$root" "$@"
            """;

    private final Path directory;
    private final JsonNode config;
    private final List<String> layers = new ArrayList<>();

    private ImageRoot(Path directory) throws IOException {
        this.directory = directory;
        JsonNode manifest = json("manifest.json").get(0);
        config = json(manifest.get("Config").asString());
        for (JsonNode layer : manifest.get("Layers")) {
            layers.add(layer.asString());
        }
    }

    static ImageRoot unpack(Path image, Path directory) throws IOException, InterruptedException {
        require(run("tar", "-xf", image.toString(), "-C", directory.toString()));
        var root = new ImageRoot(directory);
        Files.createDirectory(root.path());
        for (String layer : root.layers) {
            root.layer("-xf", layer, "-C", root.path().toString());
        }
        // Every container runtime makes what is mounted, and puts these two in.
        Files.createDirectories(root.path().resolve("run/secrets/dualwrite"));
        Files.copy(Path.of("/etc/hosts"), root.path().resolve("etc/hosts"));
        Files.writeString(root.path().resolve("etc/resolv.conf"), "");
        return root;
    }

    /** Whether this machine lets us mount; only root may. */
    static boolean canBeRun() throws IOException, InterruptedException {
        return Files.isExecutable(Path.of("/usr/bin/unshare"))
                && run("unshare", "--mount", "--pid", "--fork", "chroot", "/", "true") == 0;
    }

    JsonNode config() {
        return config.get("config");
    }

    /** The names of the files in each layer, from the lowest one on. */
    List<String> files() throws IOException, InterruptedException {
        var files = new ArrayList<String>();
        for (String layer : layers) {
            Path list = directory.resolve("list");
            layer("-tf", layer, "--index-file=" + list);
            files.add(Files.readString(list, UTF_8));
        }
        return files;
    }

    /** What starts it as its configuration says, in namespaces of its own, with these two directories mounted. */
    List<String> command(Path configuration, Path secrets) {
        var command = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "env", "-i"));
        config().get("Env").forEach(variable -> command.add(variable.asString()));
        // Without a limit of its own it would take its part of this machine.
        command.add("JAVA_TOOL_OPTIONS=-Xmx128m -XX:+UseSerialGC");
        command.addAll(List.of("/bin/sh", "-c", RUN, "run"));
        command.addAll(List.of(
                path().toString(),
                configuration.toString(),
                secrets.toString(),
                config().get("User").asString()));
        config().get("Entrypoint").forEach(word -> command.add(word.asString()));
        return command;
    }

    private Path path() {
        return directory.resolve("root");
    }

    private void layer(String option, String layer, String... more) throws IOException, InterruptedException {
        var command = new ArrayList<>(
                List.of("tar", "-z", option, directory.resolve(layer).toString()));
        command.addAll(List.of(more));
        require(run(command.toArray(String[]::new)));
    }

    private static void require(int result) throws IOException {
        if (result != 0) {
            throw new AssertionError(Files.readString(TOOLS_LOG, UTF_8));
        }
    }

    private JsonNode json(String name) throws IOException {
        return JsonMapper.shared().readTree(Files.readAllBytes(directory.resolve(name)));
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(TOOLS_LOG.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("not ended: " + List.of(command));
        }
        return process.exitValue();
    }
}
