package dev.dualwrite.spring.autoconfigure;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The class path of another service: that of the tests without some jars. Classes are loaded anew from it, so what is
 * missing is missing for our own classes too, not only for Spring Boot's conditions.
 */
final class ClassPath {

    private final URL[] urls;

    private ClassPath(URL[] urls) {
        this.urls = urls;
    }

    /** Without these jars, each given by its artifact's name. */
    static ClassPath without(String... artifacts) {
        List<Pattern> missing = Arrays.stream(artifacts)
                .map(artifact -> Pattern.compile(Pattern.quote(artifact) + "-\\d[^/]*\\.jar"))
                .toList();
        List<File> all = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(File::new)
                .toList();
        for (Pattern pattern : missing) {
            if (all.stream().noneMatch(file -> pattern.matcher(file.getName()).matches())) {
                throw new IllegalArgumentException(pattern + " is not on the class path, so it cannot be left out");
            }
        }
        return new ClassPath(all.stream()
                .filter(file -> missing.stream()
                        .noneMatch(pattern -> pattern.matcher(file.getName()).matches()))
                .map(ClassPath::url)
                .toArray(URL[]::new));
    }

    /** Calls the static method {@code run(String...)} of a class that this class path has. */
    @SuppressWarnings("unchecked")
    Map<String, String> run(Class<?> service, String... arguments) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader("service", urls, ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            return (Map<String, String>) loader.loadClass(service.getName())
                    .getMethod("run", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    boolean has(String className) throws Exception {
        try (URLClassLoader loader = new URLClassLoader("service", urls, ClassLoader.getPlatformClassLoader())) {
            return loader.findResource(className.replace('.', '/') + ".class") != null;
        }
    }

    private static URL url(File file) {
        try {
            return file.toURI().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(file + " has no URL", e);
        }
    }
}
