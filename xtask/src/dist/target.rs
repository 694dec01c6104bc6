//! What packages are built for, and how each registry names it.

use std::fmt;

/// The oldest glibc that packages run on: what Rust's own standard library needs.
const GLIBC: (u32, u32) = (2, 17);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Target {
    pub(super) triple: &'static str,
    /// As `uname -m` says it.
    pub(super) arch: &'static str,
    pub(super) musl: bool,
}

pub(super) const TARGETS: &[Target] = &[
    Target { triple: "x86_64-unknown-linux-gnu", arch: "x86_64", musl: false },
    Target { triple: "x86_64-unknown-linux-musl", arch: "x86_64", musl: true },
    Target { triple: "aarch64-unknown-linux-gnu", arch: "aarch64", musl: false },
    Target { triple: "aarch64-unknown-linux-musl", arch: "aarch64", musl: true },
];

impl Target {
    /// This machine's, with glibc.
    pub(super) fn host() -> Result<Self, String> {
        let is_host = |target: &&Self| target.arch == std::env::consts::ARCH && !target.musl;
        let found = TARGETS.iter().find(is_host).filter(|_| std::env::consts::OS == "linux");
        found.copied().ok_or_else(|| {
            let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
            format!("packages are built on Linux on x86-64 or arm64, not on {os} on {arch}")
        })
    }

    /// The target of this triple, or an error that lists those there are.
    pub(super) fn named(triple: &str) -> Result<Self, String> {
        TARGETS.iter().find(|target| target.triple == triple).copied().ok_or_else(|| {
            let known: Vec<_> = TARGETS.iter().map(|target| target.triple).collect();
            format!("no packages for {triple:?}: there are {}", known.join(", "))
        })
    }

    /// What the cross linker is told: the triple, and the glibc to link against.
    pub(super) fn linked_for(self) -> String {
        let (major, minor) = GLIBC;
        if self.musl { self.triple.to_owned() } else { format!("{}.{major}.{minor}", self.triple) }
    }

    /// The newest glibc that a library may ask for; none on musl.
    pub(super) fn newest_glibc(self) -> Option<(u32, u32)> {
        (!self.musl).then_some(GLIBC)
    }

    /// The platform tag of a wheel (PEP 600, PEP 656).
    pub(super) fn wheel_platform(self) -> String {
        let (major, minor) = GLIBC;
        let Self { arch, .. } = self;
        if self.musl { format!("musllinux_1_2_{arch}") } else { format!("manylinux_{major}_{minor}_{arch}") }
    }

    /// `libc` of a package.json.
    pub(super) fn npm_libc(self) -> &'static str {
        if self.musl { "musl" } else { "glibc" }
    }

    /// `cpu` of a package.json.
    pub(super) fn npm_cpu(self) -> &'static str {
        if self.arch == "x86_64" { "x64" } else { "arm64" }
    }

    /// The npm package with the native library: what bindings-node/lib/native.js asks for.
    pub(super) fn npm_package(self) -> String {
        format!("@ottla/linux-{}-{}", self.npm_cpu(), if self.musl { "musl" } else { "gnu" })
    }

    /// The folder in the jar: what bindings-kotlin's `Library` looks in.
    pub(super) fn jar_folder(self) -> String {
        format!("native/linux-{}{}", self.arch.replace('_', "-"), if self.musl { "-musl" } else { "" })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.triple)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_registry_has_its_own_name_for_a_target() {
        let arm = Target::named("aarch64-unknown-linux-musl").unwrap();
        assert_eq!(arm.linked_for(), "aarch64-unknown-linux-musl");
        assert_eq!(arm.wheel_platform(), "musllinux_1_2_aarch64");
        assert_eq!(arm.npm_package(), "@ottla/linux-arm64-musl");
        assert_eq!(arm.jar_folder(), "native/linux-aarch64-musl");
        let intel = Target::named("x86_64-unknown-linux-gnu").unwrap();
        assert_eq!(intel.linked_for(), "x86_64-unknown-linux-gnu.2.17");
        assert_eq!(intel.wheel_platform(), "manylinux_2_17_x86_64");
        assert_eq!(intel.npm_package(), "@ottla/linux-x64-gnu");
        assert_eq!(intel.jar_folder(), "native/linux-x86-64");
    }

    #[test]
    fn a_target_nobody_builds_is_refused_with_those_there_are() {
        let error = Target::named("sparc-sun-solaris").unwrap_err();
        assert!(error.contains("x86_64-unknown-linux-gnu, x86_64-unknown-linux-musl"), "{error}");
    }
}
