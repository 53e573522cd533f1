//! Adds the version resource to the Windows program, and the manifest that enables paths of more
//! than 260 characters and the UTF-8 code page. Other platforms need neither.
//!
//! Only the linker's own toolkit can compile a resource, so this needs a `build.rs`.

/// Source: "Application manifests" in Microsoft's documentation.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <!-- Windows 10 and 11 -->
      <supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
"#;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let windows = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows");
    if !windows {
        return;
    }
    // Name, version and description come from Cargo.toml.
    let mut resource = winresource::WindowsResource::new();
    resource
        .set("ProductName", "lessonspace")
        .set("FileDescription", env!("CARGO_PKG_DESCRIPTION"))
        .set("OriginalFilename", "lessonspace.exe")
        .set_manifest(MANIFEST);
    if let Err(error) = resource.compile() {
        println!("cargo::warning=the program is built without its Windows resource: {error}");
    }
}
