//! Options of TLS and SASL. None is obeyed yet: a value that asks for more than the default is refused.

use super::DefaultValue::{Null, Text as D};
use super::ValueType::{Choice, Text};
use super::{Kinds, OptionRow};

const fn row(
    name: &'static str,
    default: super::DefaultValue,
    harmless: &'static [&'static str],
    doc: &'static str,
) -> OptionRow {
    OptionRow::new(name, Kinds::ALL, Text, default, doc).not_yet(harmless)
}

const JVM: &str = "it names something inside a Java virtual machine; remove it";

pub(super) const ROWS: &[OptionRow] = &[
    OptionRow::new(
        "security.protocol",
        Kinds::ALL,
        Choice(&["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]),
        D("PLAINTEXT"),
        "How connections are secured and authenticated.",
    )
    .medium()
    .not_yet(&["plaintext"]),
    row("sasl.client.callback.handler.class", Null, &[], "Java class that answers SASL callbacks.")
        .refused(JVM, &[])
        .medium(),
    row("sasl.jaas.config", Null, &[], "JAAS text with the SASL credentials.").medium().secret(),
    row("sasl.kerberos.kinit.cmd", D("/usr/bin/kinit"), &["/usr/bin/kinit"], "Path of kinit."),
    row(
        "sasl.kerberos.min.time.before.relogin",
        D("60000"),
        &["60000"],
        "Pause between attempts to log in to Kerberos again, in ms.",
    ),
    row("sasl.kerberos.service.name", Null, &[], "Kerberos principal name of the brokers.").medium(),
    row(
        "sasl.kerberos.ticket.renew.jitter",
        D("0.05"),
        &["0.05"],
        "Jitter added to the renewal of a ticket.",
    ),
    row(
        "sasl.kerberos.ticket.renew.window.factor",
        D("0.8"),
        &["0.8"],
        "Part of a ticket's life after which it is renewed.",
    ),
    row("sasl.login.callback.handler.class", Null, &[], "Java class that answers login callbacks.")
        .refused(JVM, &[])
        .medium(),
    row("sasl.login.class", Null, &[], "Java class that logs in.").refused(JVM, &[]).medium(),
    row("sasl.login.connect.timeout.ms", Null, &[], "Connection timeout of the identity provider."),
    row("sasl.login.read.timeout.ms", Null, &[], "Read timeout of the identity provider."),
    row(
        "sasl.login.refresh.buffer.seconds",
        D("300"),
        &["300"],
        "Time kept between the refresh of a credential and its expiry.",
    ),
    row(
        "sasl.login.refresh.min.period.seconds",
        D("60"),
        &["60"],
        "Shortest pause between refreshes of a credential.",
    ),
    row(
        "sasl.login.refresh.window.factor",
        D("0.8"),
        &["0.8"],
        "Part of a credential's life after which it is refreshed.",
    ),
    row(
        "sasl.login.refresh.window.jitter",
        D("0.05"),
        &["0.05"],
        "Jitter added to the refresh of a credential.",
    ),
    row("sasl.login.retry.backoff.max.ms", D("10000"), &["10000"], "Longest pause between login attempts."),
    row("sasl.login.retry.backoff.ms", D("100"), &["100"], "First pause between login attempts."),
    row("sasl.mechanism", D("GSSAPI"), &["GSSAPI"], "SASL mechanism used to authenticate.")
        .medium()
        .aliases(&["sasl.mechanisms"]),
    row(
        "sasl.oauthbearer.allow.unverified.audience",
        D("false"),
        &["false"],
        "OAUTHBEARER: allow unverified audience.",
    )
    .medium(),
    row(
        "sasl.oauthbearer.allow.unverified.issuer",
        D("false"),
        &["false"],
        "OAUTHBEARER: allow unverified issuer.",
    )
    .medium(),
    row("sasl.oauthbearer.assertion.algorithm", D("RS256"), &["RS256"], "OAUTHBEARER: assertion algorithm.")
        .medium(),
    row("sasl.oauthbearer.assertion.claim.aud", Null, &[], "OAUTHBEARER: assertion claim aud.").medium(),
    row(
        "sasl.oauthbearer.assertion.claim.exp.seconds",
        D("300"),
        &["300"],
        "OAUTHBEARER: assertion claim exp seconds.",
    ),
    row("sasl.oauthbearer.assertion.claim.iss", Null, &[], "OAUTHBEARER: assertion claim iss.").medium(),
    row(
        "sasl.oauthbearer.assertion.claim.jti.include",
        D("false"),
        &["false"],
        "OAUTHBEARER: assertion claim jti include.",
    )
    .medium(),
    row(
        "sasl.oauthbearer.assertion.claim.nbf.seconds",
        D("60"),
        &["60"],
        "OAUTHBEARER: assertion claim nbf seconds.",
    ),
    row("sasl.oauthbearer.assertion.claim.sub", Null, &[], "OAUTHBEARER: assertion claim sub.").medium(),
    row("sasl.oauthbearer.assertion.file", Null, &[], "OAUTHBEARER: assertion file.").medium(),
    row("sasl.oauthbearer.assertion.private.key.file", Null, &[], "OAUTHBEARER: assertion private key file.")
        .medium(),
    row(
        "sasl.oauthbearer.assertion.private.key.passphrase",
        Null,
        &[],
        "OAUTHBEARER: assertion private key passphrase.",
    )
    .medium()
    .secret(),
    row("sasl.oauthbearer.assertion.template.file", Null, &[], "OAUTHBEARER: assertion template file.")
        .medium(),
    row(
        "sasl.oauthbearer.client.credentials.client.id",
        Null,
        &[],
        "OAUTHBEARER: client credentials client id.",
    )
    .medium(),
    row(
        "sasl.oauthbearer.client.credentials.client.secret",
        Null,
        &[],
        "OAUTHBEARER: client credentials client secret.",
    )
    .medium()
    .secret(),
    row("sasl.oauthbearer.clock.skew.seconds", D("30"), &["30"], "OAUTHBEARER: clock skew seconds."),
    row("sasl.oauthbearer.expected.audience", D(""), &[""], "OAUTHBEARER: expected audience.").high(),
    row("sasl.oauthbearer.expected.issuer", Null, &[], "OAUTHBEARER: expected issuer.").high(),
    row("sasl.oauthbearer.header.urlencode", D("false"), &["false"], "OAUTHBEARER: header urlencode."),
    row(
        "sasl.oauthbearer.jwks.endpoint.refresh.ms",
        D("3600000"),
        &["3600000"],
        "OAUTHBEARER: jwks endpoint refresh ms.",
    ),
    row(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        D("10000"),
        &["10000"],
        "OAUTHBEARER: jwks endpoint retry backoff max ms.",
    ),
    row(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        D("100"),
        &["100"],
        "OAUTHBEARER: jwks endpoint retry backoff ms.",
    ),
    row("sasl.oauthbearer.jwks.endpoint.url", Null, &[], "OAUTHBEARER: jwks endpoint url.").medium(),
    row(
        "sasl.oauthbearer.jwt.retriever.class",
        D("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"),
        &["org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"],
        "OAUTHBEARER: jwt retriever class.",
    )
    .refused(JVM, &["org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"])
    .medium(),
    row(
        "sasl.oauthbearer.jwt.validator.class",
        D("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"),
        &["org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"],
        "OAUTHBEARER: jwt validator class.",
    )
    .refused(JVM, &["org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"])
    .medium(),
    row("sasl.oauthbearer.scope", Null, &[], "OAUTHBEARER: scope.").medium(),
    row("sasl.oauthbearer.scope.claim.name", D("scope"), &["scope"], "OAUTHBEARER: scope claim name."),
    row("sasl.oauthbearer.sub.claim.name", D("sub"), &["sub"], "OAUTHBEARER: sub claim name."),
    row("sasl.oauthbearer.token.endpoint.url", Null, &[], "OAUTHBEARER: token endpoint url.").medium(),
    row("security.providers", Null, &[], "Java security provider classes.").refused(JVM, &[]),
    row("ssl.cipher.suites", D(""), &[""], "Cipher suites allowed."),
    row("ssl.enabled.protocols", D("TLSv1.2,TLSv1.3"), &["TLSv1.2,TLSv1.3"], "TLS versions allowed.")
        .medium(),
    row(
        "ssl.endpoint.identification.algorithm",
        D("https"),
        &["https"],
        "How the broker's certificate is matched to its host name.",
    ),
    row("ssl.engine.factory.class", Null, &[], "Java class that makes TLS engines.").refused(JVM, &[]),
    row("ssl.key.password", Null, &[], "Passphrase of the private key.").high().secret(),
    row("ssl.keymanager.algorithm", D("SunX509"), &["SunX509"], "Java key manager algorithm.")
        .refused(JVM, &["SunX509"]),
    row("ssl.keystore.certificate.chain", Null, &[], "Certificate chain in PEM form.").high().secret(),
    row("ssl.keystore.key", Null, &[], "Private key in PEM form.").high().secret(),
    row("ssl.keystore.location", Null, &[], "File with the private key and certificate.").high(),
    row("ssl.keystore.password", Null, &[], "Passphrase of the key store.").high().secret(),
    row("ssl.keystore.type", D("JKS"), &["JKS"], "Format of the key store.").medium(),
    row("ssl.protocol", D("TLSv1.3"), &["TLSv1.3"], "TLS version of the context.").medium(),
    row("ssl.provider", Null, &[], "Java TLS provider.").refused(JVM, &[]).medium(),
    row("ssl.secure.random.implementation", Null, &[], "Java random number generator.").refused(JVM, &[]),
    row("ssl.trustmanager.algorithm", D("PKIX"), &["PKIX"], "Java trust manager algorithm.")
        .refused(JVM, &["PKIX"]),
    row("ssl.truststore.certificates", Null, &[], "Trusted certificates in PEM form.").high().secret(),
    row("ssl.truststore.location", Null, &[], "File with trusted certificates.").high(),
    row("ssl.truststore.password", Null, &[], "Passphrase of the trust store.").high().secret(),
    row("ssl.truststore.type", D("JKS"), &["JKS"], "Format of the trust store.").medium(),
    row("ssl.curves.list", Null, &[], "librdkafka: ssl curves list."),
    row("ssl.sigalgs.list", Null, &[], "librdkafka: ssl sigalgs list."),
    row("ssl.key.location", Null, &[], "librdkafka: ssl key location."),
    row("ssl.key.pem", Null, &[], "librdkafka: ssl key pem.").secret(),
    row("ssl.certificate.location", Null, &[], "librdkafka: ssl certificate location."),
    row("ssl.certificate.pem", Null, &[], "librdkafka: ssl certificate pem."),
    row("ssl.ca.location", Null, &[], "librdkafka: ssl ca location."),
    row("https.ca.location", Null, &[], "librdkafka: https ca location."),
    row("https.ca.pem", Null, &[], "librdkafka: https ca pem."),
    row("ssl.ca.pem", Null, &[], "librdkafka: ssl ca pem."),
    row("ssl.ca.certificate.stores", D("Root"), &["Root"], "librdkafka: ssl ca certificate stores."),
    row("ssl.crl.location", Null, &[], "librdkafka: ssl crl location."),
    row("ssl.providers", Null, &[], "librdkafka: ssl providers."),
    row("ssl.engine.location", Null, &[], "librdkafka: ssl engine location."),
    row("ssl.engine.id", D("dynamic"), &["dynamic"], "librdkafka: ssl engine id."),
    row(
        "enable.ssl.certificate.verification",
        D("true"),
        &["true"],
        "librdkafka: enable ssl certificate verification.",
    ),
    row("sasl.kerberos.principal", Null, &[], "librdkafka: sasl kerberos principal."),
    row("sasl.kerberos.keytab", Null, &[], "librdkafka: sasl kerberos keytab."),
    row("sasl.username", Null, &[], "User name for SASL."),
    row("sasl.password", Null, &[], "Password for SASL.").secret(),
    row("sasl.oauthbearer.config", Null, &[], "librdkafka: sasl oauthbearer config.").secret(),
    row(
        "enable.sasl.oauthbearer.unsecure.jwt",
        D("false"),
        &["false"],
        "librdkafka: enable sasl oauthbearer unsecure jwt.",
    ),
    row("sasl.oauthbearer.method", D("default"), &["default"], "librdkafka: sasl oauthbearer method."),
    row("sasl.oauthbearer.client.id", Null, &[], "librdkafka: sasl oauthbearer client id."),
    row("sasl.oauthbearer.client.secret", Null, &[], "librdkafka: sasl oauthbearer client secret.").secret(),
    row("sasl.oauthbearer.extensions", Null, &[], "librdkafka: sasl oauthbearer extensions."),
    row(
        "sasl.oauthbearer.grant.type",
        D("client_credentials"),
        &["client_credentials"],
        "librdkafka: sasl oauthbearer grant type.",
    ),
    row(
        "sasl.oauthbearer.assertion.private.key.pem",
        Null,
        &[],
        "librdkafka: sasl oauthbearer assertion private key pem.",
    )
    .secret(),
    row(
        "sasl.oauthbearer.assertion.jwt.template.file",
        Null,
        &[],
        "librdkafka: sasl oauthbearer assertion jwt template file.",
    ),
    row(
        "sasl.oauthbearer.metadata.authentication.type",
        D("none"),
        &["none"],
        "librdkafka: sasl oauthbearer metadata authentication type.",
    ),
];
