#pragma once
// The facts of one run, in the order in which its steps learn them. Values only; the steps are functions over these.
#include <string>

#include "agent/agent.hpp"
#include "crypto/hpke.hpp"
#include "eth/wallet.hpp"
#include "manifest/manifest.hpp"
#include "oci/reference.hpp"
#include "poco/params.hpp"
#include "runtime/image.hpp"
#include "wire/agent_api.hpp"

namespace iapp::agent {

/// What the worker asked for, and the exact bytes in which it asked.
struct Assignment {
    std::string config_line;
    wire::AgentConfig config;
    oci::ImageReference image;
    oci::Digest image_digest;
};

/// Made here, used here, gone with the process.
struct EnclaveKeys {
    eth::Wallet wallet;        ///< signs the contribution and the receipt
    crypto::HpkeKeyPair hpke;  ///< opens the release
};

/// The image named by the chain, before any of its layers is fetched.
struct AppImage {
    runtime::Image image;
    std::string manifest_label;  ///< exact bytes; empty when the image has no label
    manifest::AppManifest manifest;
};

/// What the secret service released, and the evidence on which it did.
struct Admission {
    wire::ReleaseBundle bundle;
    poco::RequestParams params;
    wire::ReleaseNonce nonce;
    attest::Evidence evidence;
    attest::EventLog event_log;
};

/// One file of the app's output, after the app is gone.
struct OutputFile {
    std::string path;  ///< relative to /iexec_out
    std::uint64_t size_bytes;
    Hash256 sha256;
};

/// What the app left behind, judged.
struct Output {
    Hash256 digest;                 ///< what the chain will see
    Bytes callback_data;            ///< for a deal with a callback
    std::vector<OutputFile> files;  ///< sorted by path
    int exit_code;
    std::string app_stdout, app_stderr;
};

/// A result that is stored.
struct StoredResult {
    std::string sealing;  ///< "age", "rsa", "none"
    std::string cid;      ///< empty for a callback task
    Hash256 sha256;       ///< of the stored bytes
};

}  // namespace iapp::agent
