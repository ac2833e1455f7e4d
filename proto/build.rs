//! Generates the Rust code of the API. protox compiles the protobuf files in pure Rust, so nobody
//! needs a protoc; tonic-prost-build writes messages and services.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const ROOT: &str = "linkojob/whatsapp/v1";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={ROOT}");
    let mut files = Vec::new();
    for entry in fs::read_dir(ROOT)? {
        let name = entry?.file_name();
        if let Some(name) = name.to_str().filter(|name| name.ends_with(".proto")) {
            files.push(format!("{ROOT}/{name}"));
        }
    }
    files.sort_unstable();

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(&files)?;
    let descriptors = compiler.encode_file_descriptor_set();

    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(out.join("descriptors.bin"), &descriptors)?;
    tonic_prost_build::configure()
        .bytes(".linkojob.whatsapp.v1.DeliverRequest.body")
        .bytes(".linkojob.whatsapp.v1.DownloadMediaResponse.chunk")
        .compile_fds(prost_types::FileDescriptorSet::decode(&*descriptors)?)?;
    Ok(())
}
