package dev.dualwrite.testkit;

import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.outbox.spi.Upcasters;
import dev.dualwrite.outbox.spi.Upcasters.Stage;
import dev.dualwrite.outbox.spi.Upcasters.UpcastException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What {@link GoldenPayloads} checks of one payload type; each finding says what to do. */
final class GoldenCheck {

    private final GoldenFiles files;
    private final Newest newest;
    private final List<Upcaster> upcasters;

    /**
     * What today's code writes.
     *
     * @param bytes of the sample
     */
    @SuppressWarnings("ArrayRecordComponent") // lives within one check
    record Newest(Stage stage, byte[] bytes) {}

    GoldenCheck(GoldenFiles files, Newest newest, List<Upcaster> upcasters) {
        this.files = files;
        this.newest = newest;
        this.upcasters = upcasters;
    }

    /** Whether today's class writes what its newest version is known to be. */
    List<String> newest() {
        var findings = new ArrayList<String>();
        Stage stage = newest.stage();
        if (!files.has(stage)) {
            findings.add("there is no " + files.file(stage) + " for the version that today's code writes. Next: if the"
                    + " version is new, create that file with this content" + (files.binary() ? ", in Base64" : "")
                    + ":\n" + content());
        } else if (differs(files.read(stage), newest.bytes())) {
            findings.add(files.file(stage) + " says something else than what today's code writes for the sample. Next:"
                    + " if version " + stage.version()
                    + " was released, raise the version of the payload type and add an"
                    + " upcaster from " + stage.version() + "; if it was not, replace the file's content by what is"
                    + " written now:\n" + content());
        }
        for (int later : files.versions(stage.type()).tailSet(stage.version(), false)) {
            findings.add("there is " + files.file(new Stage(stage.type(), later)) + ", but today's code writes version "
                    + stage.version() + ". Next: raise the version of the payload type, it must never fall");
        }
        return findings;
    }

    /**
     * Whether every older version can still be read.
     *
     * @param expected for some versions what they become; for the others that is the sample
     */
    List<String> older(Map<Integer, byte[]> expected) {
        var findings = new ArrayList<>(Upcasters.mistakes(upcasters));
        if (findings.isEmpty()) {
            var chains = new Upcasters(upcasters);
            for (Stage stage : released(chains)) {
                if (files.has(stage)) {
                    older(stage, chains, expected.getOrDefault(stage.version(), newest.bytes()), findings);
                } else {
                    findings.add("there is no " + files.file(stage) + ". Next: bring it back, it says what version "
                            + stage.version() + " was");
                }
            }
        }
        return findings;
    }

    /** Everything from the oldest file on, and what upcasters lift to today's version, under former names too. */
    private Set<Stage> released(Upcasters chains) {
        var released = new LinkedHashSet<Stage>();
        String type = newest.stage().type();
        NavigableSet<Integer> versions = files.versions(type);
        if (!versions.isEmpty()) {
            IntStream.range(versions.first(), newest.stage().version())
                    .forEach(version -> released.add(new Stage(type, version)));
        }
        upcasters.stream()
                .map(upcaster -> new Stage(upcaster.payloadType(), upcaster.fromVersion()))
                .filter(stage -> chains.newest(stage).equals(newest.stage()))
                .forEach(released::add);
        return released;
    }

    private void older(Stage stage, Upcasters chains, byte[] expected, List<String> findings) {
        Stage end = chains.newest(stage);
        if (!end.equals(newest.stage())) {
            findings.add(files.file(stage) + " is lifted to " + end + ", expected " + newest.stage()
                    + ". Next: add an upcaster from " + end);
            return;
        }
        try {
            if (!(files.tree(files.read(stage)) instanceof Map<?, ?> old)) {
                findings.add(files.file(stage) + " is no JSON object. Next: bring the file back");
                return;
            }
            @SuppressWarnings("unchecked") // trees have no other maps
            Object lifted = chains.upcast(stage, (Map<String, @Nullable Object>) old);
            Object wanted = files.tree(expected);
            if (!Objects.equals(lifted, wanted)) {
                findings.add(files.file(stage) + " becomes\n" + JsonText.write(lifted) + "\nexpected\n"
                        + JsonText.write(wanted) + "\nNext: correct the upcasters, or tell by expecting("
                        + stage.version() + ", …) what it must become");
            }
        } catch (UpcastException e) {
            findings.add(files.file(stage) + ": " + e.getMessage() + ": " + e.getCause() + ". Next: correct it");
        } catch (IllegalArgumentException e) {
            findings.add(files.file(stage) + ": " + e.getMessage() + ". Next: bring the file back");
        }
    }

    private boolean differs(byte[] file, byte[] written) {
        // The layout of JSON is a matter of taste, also of the person who keeps the file.
        return files.binary() ? !Arrays.equals(file, written) : !Objects.equals(files.tree(file), files.tree(written));
    }

    private String content() {
        return files.binary()
                ? Base64.getEncoder().encodeToString(newest.bytes())
                : JsonText.write(files.tree(newest.bytes()));
    }
}
