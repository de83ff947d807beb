package dev.dualwrite.spring.jpa;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.EntityManagerFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;

/**
 * Attaches the capture to every entity manager factory bean, whoever defined it, before anybody else gets it. Declare it by a
 * static {@code @Bean} method; {@link JpaCapture} is asked for when the first factory is ready, not before. Thread-safe.
 *
 * <p>It waits for a factory that is built in the background: what such a one would write meanwhile would be written unseen.
 */
public final class JpaCapturePostProcessor implements BeanPostProcessor {

    private final ObjectProvider<JpaCapture> capture;

    /** A processor for the one bean that the provider gives, if it gives any. */
    public JpaCapturePostProcessor(ObjectProvider<JpaCapture> capture) {
        this.capture = requireNonNull(capture, "capture");
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        // A configuration may ask the factory bean itself, past what is done to the bean that it makes.
        if (bean instanceof FactoryBean<?> && bean instanceof EntityManagerFactoryInfo info) {
            capture.ifAvailable(target -> target.attach(info.getNativeEntityManagerFactory()));
        } else if (bean instanceof EntityManagerFactory factory) {
            capture.ifAvailable(target -> target.attach(factory));
        }
        return bean;
    }
}
