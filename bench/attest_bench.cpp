// rooms: attest simtee
// Intel quotes: verification against the bare P-256 verifies it cannot do without, formed inside one run.
// The limits verify with keys that are ready and digests that are made; importing a raw key is part of our side only.
// Also counts heap allocations, and measures @phala/dcap-qvl (npm, test/differential) over the same quote when it is
// installed.
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>

#include "attest/intel_verify.hpp"
#include "ratio.hpp"
#include "simtee/authority.hpp"
#include "simtee/quote.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// Not inlined: g++ 12 takes an inlined pair of these for a mismatch of new and free.
[[gnu::noinline]] void* operator new(std::size_t size)
{
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace iapp;
namespace fs = std::filesystem;

constexpr UnixSeconds kNow{std::chrono::seconds(1'790'000'000)};
constexpr int kLeaves = 8;  ///< PCK certificates under one CA
constexpr int kTimes = 25;  ///< passes over them in one run
constexpr double kWork = double(kLeaves) * kTimes;
constexpr int kColdVerifies = 10;  ///< PCK, CA, root, TCB signer, two lists, two documents, QE report, quote

template <class T>
T must(Result<T> result)
{
    if (result) return *std::move(result);
    std::fprintf(stderr, "%s: %s\n", std::string(result.error().reason).c_str(), result.error().detail.c_str());
    std::abort();
}

void check(bool ok)
{
    if (!ok) std::abort();
}

/// As many TCB levels as genuine TCB info has.
simtee::CollateralPlan plan()
{
    auto out =
        simtee::plan_collateral(attest::EvidenceKind::tdx, {kNow - std::chrono::hours(1), kNow + std::chrono::days(30)});
    for (std::uint8_t i = 0; i < 12; ++i) {
        auto level = out.tcb.levels.back();
        level.sgx[0] = i;
        level.sgx[1] = 0;
        level.advisories = {"INTEL-SA-00615", "INTEL-SA-00657", "INTEL-SA-00767"};
        out.tcb.levels.push_back(level);
    }
    return out;
}

class Quotes {
public:
    Quotes()
    {
        collateral_ = must(simtee::sign_collateral(authority_, plan()));
        text_ = attest::encode_collateral(collateral_);
        attest::CheckLog checks;
        endorsements_ = must(attest::IntelEndorsements::open(collateral_, anchor_, checks));
        for (int i = 0; i < kLeaves; ++i) {
            leaves_.push_back(quote(new_leaf(), authority_.attestation_key));
            keys_.push_back(quote({authority_.pck, &authority_.pck_key}, crypto::P256Key::generate()));
        }
        const Hash384 zero = Hash384::zero();
        parts_.qe_report = simtee::simulated_qe_report(authority_.attestation_key.public_key(), parts_.qe_auth);
        parts_.qe_signature = simtee::sign_qe_report(parts_.qe_report, authority_.pck_key);  // one enclave, many quotes
        for (std::uint8_t i = 0; i < kLeaves; ++i) {
            std::array<std::uint8_t, 64> data{};
            data[0] = i;
            parts_.body = simtee::simulated_body(zero, {zero, zero, zero, zero}, attest::ReportData{data});
            known_.push_back(quote({authority_.pck, &authority_.pck_key}, authority_.attestation_key));
        }
    }

    /// Every PCK chain and attestation key was met before: only the quote's own signature is new.
    void known_platform() const { run(*known_verifier_, known_); }
    /// The PCK chain was met before, the attestation key was not: the cache keeps one key a chain, so each pass misses.
    void new_attestation_key() const { run(*known_verifier_, keys_); }
    /// No PCK chain is known: the cache holds one, so each pass misses.
    void new_leaf_each() const { run(*forgetful_, leaves_); }
    void cold() const
    {
        for (const auto& evidence : leaves_) {
            attest::CheckLog checks;
            const auto collateral = must(attest::parse_collateral(text_));
            must(attest::verify_intel(evidence, collateral, anchor_, kNow, checks));
        }
    }

    std::size_t allocations_of_known() const
    {
        known_platform();
        const std::size_t before = allocations;
        run(*known_verifier_, known_);
        return (allocations - before) / known_.size();
    }
    std::size_t allocations_of_new_key() const
    {
        new_attestation_key();
        const std::size_t before = allocations;
        run(*known_verifier_, keys_);
        return (allocations - before) / keys_.size();
    }

    const std::string& collateral_text() const { return text_; }
    const Bytes& one_quote() const { return known_.front().bytes; }
    const Bytes& root_der() const { return authority_.root.der(); }

private:
    struct Leaf {
        crypto::Certificate certificate;
        const crypto::P256Key* key;
    };

    Leaf new_leaf()
    {
        leaf_keys_.push_back(std::make_unique<crypto::P256Key>(crypto::P256Key::generate()));
        const crypto::CertificateProfile profile{
            .common_name = "Intel SGX PCK Certificate",
            .organization = {},
            .serial = {},
            .not_before = kNow - std::chrono::days(1),
            .not_after = kNow + std::chrono::days(1000),
            .ca = false,
            .path_length = std::nullopt,
            .extensions = {
                {std::string(attest::kSgxExtensionOid), false, simtee::encode_sgx_extension(simtee::simulated_platform())}}};
        return {must(crypto::issue_certificate(profile, leaf_keys_.back()->public_key(), authority_.ca, authority_.ca_key)),
                leaf_keys_.back().get()};
    }

    attest::Evidence quote(const Leaf& leaf, const crypto::P256Key& attestation_key)
    {
        parts_.qe_report = simtee::simulated_qe_report(attestation_key.public_key(), parts_.qe_auth);
        parts_.pck_chain_pem = leaf.certificate.to_pem() + authority_.ca_chain();
        return {attest::EvidenceKind::tdx, simtee::encode_quote(parts_, *leaf.key, attestation_key)};
    }

    static void run(const attest::IntelVerifier& verifier, const std::vector<attest::Evidence>& quotes)
    {
        for (const auto& evidence : quotes) {
            attest::CheckLog checks;
            check(verifier.verify(evidence, kNow, checks).has_value());
        }
    }

    simtee::Authority authority_ = must(simtee::create_authority(simtee::CertificateWindows::for_time(kNow)));
    attest::TrustAnchor anchor_ = must(attest::TrustAnchor::from_pem(authority_.root.to_pem()));
    attest::Collateral collateral_;
    std::string text_;
    std::shared_ptr<const attest::IntelEndorsements> endorsements_;
    std::vector<std::unique_ptr<crypto::P256Key>> leaf_keys_;
    simtee::QuoteParts parts_{
        .body = simtee::simulated_body(Hash384::zero(), {Hash384::zero(), Hash384::zero(), Hash384::zero(), Hash384::zero()},
                                       attest::ReportData::zero()),
        .qe_report = simtee::simulated_qe_report(authority_.attestation_key.public_key(), simtee::simulated_qe_auth()),
        .qe_auth = simtee::simulated_qe_auth(),
        .pck_chain_pem = {}};
    std::vector<attest::Evidence> known_, keys_, leaves_;
    std::unique_ptr<attest::IntelVerifier> known_verifier_, forgetful_;

public:
    /// Verifiers with room for everything, and with room for one chain.
    void make_verifiers()
    {
        known_verifier_ = std::make_unique<attest::IntelVerifier>(endorsements_, std::make_shared<attest::PckCache>());
        forgetful_ = std::make_unique<attest::IntelVerifier>(endorsements_, std::make_shared<attest::PckCache>(1));
    }
};

/// A P-256 signature with everything ready: key, context, DER and digest.
class BareVerify {
public:
    BareVerify()
    {
        key_ = EVP_EC_gen("P-256");
        digest_.fill(0x5a);
        EVP_PKEY_CTX* signing = EVP_PKEY_CTX_new(key_, nullptr);
        check(EVP_PKEY_sign_init(signing) == 1);
        check(EVP_PKEY_sign(signing, der_.data(), &size_, digest_.data(), digest_.size()) == 1);
        EVP_PKEY_CTX_free(signing);
        context_ = EVP_PKEY_CTX_new(key_, nullptr);
        check(EVP_PKEY_verify_init(context_) == 1);
    }
    ~BareVerify()
    {
        EVP_PKEY_CTX_free(context_);
        EVP_PKEY_free(key_);
    }
    BareVerify(const BareVerify&) = delete;

    void run(int times) const
    {
        for (int i = 0; i < times; ++i)
            check(EVP_PKEY_verify(context_, der_.data(), size_, digest_.data(), digest_.size()) == 1);
    }

private:
    EVP_PKEY* key_;
    EVP_PKEY_CTX* context_;
    std::array<std::uint8_t, 32> digest_;
    std::array<std::uint8_t, 80> der_{};
    std::size_t size_ = der_.size();
};

/// The peer as a child process that answers each line with the CPU seconds its verifications took.
class Peer {
public:
    static constexpr int kCount = 20;

    explicit Peer(const Quotes& quotes)
    {
        const fs::path script = "test/differential/speed.mjs";  // from the source root, as ./dev runs this
        if (!fs::exists(script.parent_path() / "node_modules")) return;
        std::string name = (fs::temp_directory_path() / "iapp-bench-XXXXXX").string();
        dir_ = ::mkdtemp(name.data());
        save("quote", as_text(quotes.one_quote()));
        save("collateral.json", quotes.collateral_text());
        save("root.der", as_text(quotes.root_der()));
        start({"node", script.string(), (dir_ / "quote").string(), (dir_ / "collateral.json").string(),
               (dir_ / "root.der").string(), std::to_string(kNow.time_since_epoch().count()), std::to_string(kCount)});
    }
    ~Peer()
    {
        if (in_ != nullptr) std::fclose(in_);
        if (out_ != nullptr) std::fclose(out_);
        if (child_ > 0) ::waitpid(child_, nullptr, 0);
        if (!dir_.empty()) fs::remove_all(dir_);
    }
    Peer(const Peer&) = delete;

    bool installed() const { return child_ > 0; }

    /// Verifications per CPU second, 0 when the peer has failed.
    double speed()
    {
        std::array<char, 64> line{};
        if (std::fputs("go\n", in_) < 0 || std::fflush(in_) != 0 || std::fgets(line.data(), line.size(), out_) == nullptr)
            return 0;
        return kCount / std::atof(line.data());
    }

private:
    void save(const char* name, std::string_view bytes) const { std::ofstream(dir_ / name, std::ios::binary) << bytes; }

    void start(const std::vector<std::string>& command)
    {
        std::array<int, 2> to{}, from{};
        check(::pipe2(to.data(), O_CLOEXEC) == 0 && ::pipe2(from.data(), O_CLOEXEC) == 0);
        std::vector<char*> arguments;
        for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(to[0], STDIN_FILENO);
            ::dup2(from[1], STDOUT_FILENO);
            ::execvp(arguments[0], arguments.data());
            ::_exit(127);
        }
        ::close(to[0]);
        ::close(from[1]);
        in_ = ::fdopen(to[1], "w");
        out_ = ::fdopen(from[0], "r");
    }

    fs::path dir_;
    pid_t child_ = 0;
    std::FILE* in_ = nullptr;
    std::FILE* out_ = nullptr;
};

/// Our cold verification against the peer's, alternating, each in its own CPU time.
void compare_with_peer(const Quotes& quotes)
{
    Peer peer(quotes);
    if (!peer.installed()) {
        std::puts("  SKIPPED: @phala/dcap-qvl is not installed; run ./dev setup");
        return;
    }
    std::vector<double> ratios, theirs;
    for (int round = 0; round < 7; ++round) {
        const double start = bench::seconds(bench::Meter::process_cpu);
        quotes.cold();
        const double ours = kLeaves / (bench::seconds(bench::Meter::process_cpu) - start);
        theirs.push_back(peer.speed());
        ratios.push_back(ours / theirs.back());
    }
    std::printf("  %-44s %12.1f quote/s\n", "@phala/dcap-qvl 0.3.9 (JavaScript)", bench::quantile(theirs, 0.5));
    std::printf("  %-44s %6.1f\n", "ours, from text / dcap-qvl", bench::quantile(ratios, 0.5));
}

int report_allocations(const char* name, std::size_t count, std::size_t most)
{
    std::printf("  %-44s %12zu  target <= %zu  %s\n", name, count, most, count <= most ? "met" : "MISSED");
    return count <= most ? 0 : 1;
}

}  // namespace

int main()
{
    Quotes quotes;
    quotes.make_verifiers();
    const BareVerify bare;
    const auto repeat = [](auto step) {
        return [step] {
            for (int i = 0; i < kTimes; ++i) step();
        };
    };
    const auto limit = [&](int verifies) { return repeat([&bare, verifies] { bare.run(kLeaves * verifies); }); };
    using enum bench::Meter;
    const std::vector<bench::Case> cases = {
        {"limit: 2 bare P-256 verifies", limit(2), process_cpu, kWork},
        {"limit: 3 bare P-256 verifies", limit(3), process_cpu, kWork},
        {"limit: 10 bare P-256 verifies", limit(kColdVerifies), process_cpu, kWork},
        {"known platform", repeat([&] { quotes.known_platform(); }), process_cpu, kWork},
        {"known platform, new attestation key", repeat([&] { quotes.new_attestation_key(); }), process_cpu, kWork},
        {"new PCK leaf", repeat([&] { quotes.new_leaf_each(); }), process_cpu, kWork},
        {"cold, everything from text", repeat([&] { quotes.cold(); }), process_cpu, kWork},
    };
    int missed = bench::report(cases,
                               {{"known platform / 2 verifies", 3, 0, 0.65},
                                {"known platform, new key / 2 verifies", 4, 0, 0.65},
                                {"new PCK leaf / 3 verifies", 5, 1, 0.65},
                                {"cold / 10 verifies", 6, 2, 0.60}},
                               "quote/s");
    missed += report_allocations("heap allocations, known platform", quotes.allocations_of_known(), 20);
    missed += report_allocations("heap allocations, new attestation key", quotes.allocations_of_new_key(), 20);
    compare_with_peer(quotes);
    return missed;
}
