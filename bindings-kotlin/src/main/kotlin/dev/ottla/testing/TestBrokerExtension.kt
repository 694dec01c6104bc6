package dev.ottla.testing

import org.junit.jupiter.api.extension.ExtendWith
import org.junit.jupiter.api.extension.ExtensionContext
import org.junit.jupiter.api.extension.ParameterContext
import org.junit.jupiter.api.extension.ParameterResolver

/**
 * Gives a test class a broker of its own, for JUnit 5.13 and later: a parameter of type [TestBroker], of the constructor, of a
 * test or of what runs before and after, is that broker. Started when it is first asked for, stopped behind the class's last
 * test; classes that run side by side do not see each other's.
 */
@Target(AnnotationTarget.CLASS)
@Retention(AnnotationRetention.RUNTIME)
@ExtendWith(TestBrokerExtension::class)
public annotation class WithTestBroker(
    /** Broker properties, each `name=value`: `num.partitions=3`. */
    vararg val properties: String,
)

/** What [WithTestBroker] does; `@RegisterExtension` and `@ExtendWith` take it, too. */
public class TestBrokerExtension : ParameterResolver {
    override fun supportsParameter(parameter: ParameterContext, context: ExtensionContext): Boolean =
        parameter.parameter.type == TestBroker::class.java

    @Suppress("DEPRECATION") // Its successor came with JUnit 6; this one is in 5 and 6.
    override fun resolveParameter(parameter: ParameterContext, context: ExtensionContext): Any {
        val ofClass = generateSequence(context) { it.parent.orElse(null) }.last { it.testClass.isPresent }
        val broker = ofClass.getStore(NAMESPACE).getOrComputeIfAbsent(
            TestBroker::class.java,
            { TestBroker.startBlocking(properties(ofClass.requiredTestClass)) },
            TestBroker::class.java,
        )
        return checkNotNull(broker)
    }

    private fun properties(of: Class<*>): Map<String, Any> =
        of.getAnnotation(WithTestBroker::class.java)?.properties.orEmpty().associate {
            require('=' in it) { "@WithTestBroker takes name=value, not $it" }
            it.substringBefore('=') to it.substringAfter('=')
        }

    private companion object {
        val NAMESPACE: ExtensionContext.Namespace = ExtensionContext.Namespace.create(TestBrokerExtension::class.java)
    }
}
