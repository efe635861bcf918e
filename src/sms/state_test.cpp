// What happens to state: file modes, locks, master key rotation under kill -9, the ledger under kill -9.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "crypto/random.hpp"
#include "sms/internal/ledger.hpp"
#include "sms/internal/schema.hpp"
#include "sms/internal/secret_store.hpp"
#include "sms/internal/state_directory.hpp"
#include "support/sms_world.hpp"

namespace iapp::sms::internal {
namespace {

using crypto::SecretAccess;
using test::filled;
using test::must;
using test::TempDirectory;

const UnixSeconds kNow{std::chrono::seconds(1'800'000'000)};

std::string_view reason(const auto& result) { return result ? "" : result.error().reason; }

// Modes and locks.

struct ModeCase {
    const char* name;
    const char* file;  // "" is the directory
    std::filesystem::perms add;
};

class WrongModes : public testing::TestWithParam<ModeCase> {};

TEST_P(WrongModes, AreRefused)
{
    const TempDirectory files;
    const auto path = files / "state";
    must(StateDirectory::create(path));
    const auto target = std::string_view(GetParam().file).empty() ? path : path / GetParam().file;
    std::filesystem::permissions(target, GetParam().add, std::filesystem::perm_options::add);

    const auto load = [&]() -> Status {
        TRY(const StateDirectory directory, StateDirectory::open(path));
        TRY_OK(directory.load_master_keys());
        TRY_OK(StateDirectory::load_ledger_wallet(path));
        return {};
    };
    EXPECT_EQ(reason(load()), "sms.mode");
}
INSTANTIATE_TEST_SUITE_P(StateDirectory, WrongModes,
                         testing::Values(ModeCase{"directory_group", "", std::filesystem::perms::group_read},
                                         ModeCase{"directory_others", "", std::filesystem::perms::others_exec},
                                         ModeCase{"master_key_group", "master.key", std::filesystem::perms::group_read},
                                         ModeCase{"master_key_others", "master.key", std::filesystem::perms::others_read},
                                         ModeCase{"ledger_key_others", "ledger.key", std::filesystem::perms::others_read}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(StateDirectoryRules, OneProcessOwnsIt)
{
    const TempDirectory files;
    must(StateDirectory::create(files / "state"));
    EXPECT_EQ(reason(StateDirectory::create(files / "state")), "sms.directory_exists");
    const auto first = StateDirectory::open(files / "state");
    ASSERT_TRUE(first);
    EXPECT_EQ(reason(StateDirectory::open(files / "state")), "sms.locked");
    EXPECT_EQ(reason(rekey(files / "state")), "sms.locked");
}

TEST(StateDirectoryRules, DamagedKeyFilesAreCorrupt)
{
    const TempDirectory files;
    must(StateDirectory::create(files / "state"));
    const auto directory = must(StateDirectory::open(files / "state"));
    const std::string line = "iapp-master-key/1 " + std::string(16, 'a') + " " + std::string(64, 'b') + "\n";
    const std::vector<std::string> damaged = {
        std::string(), line.substr(1), line.substr(0, line.size() - 1), line + line + line,
        "iapp-master-key/1 " + std::string(16, 'a') + " " + std::string(62, 'b') + "\n"};
    for (const std::string& text : damaged) {
        test::write_file(files / "state" / "master.key", text);
        EXPECT_EQ(reason(directory.load_master_keys()), "sms.key_file") << text;
    }
    test::write_file(files / "state" / "master.key", line);
    EXPECT_EQ(reason(directory.load_master_keys()), "");
}

// Sealed records.

struct SecretsDatabase {
    SecretsDatabase() : database(must(store::Database::open_memory(migrations())))
    {
        std::vector<MasterKey> keys;
        keys.push_back(generate_master_key());
        store = std::make_unique<SecretStore>(must(SecretStore::open(std::move(keys))));
    }
    store::Database database;
    std::unique_ptr<SecretStore> store;
};

TEST(SealedRecords, OpenOnlyWhereTheyWereWritten)
{
    for (const std::string_view bend :
         {"UPDATE secrets SET name = 'b'", "UPDATE secrets SET kind = 'requester'", "UPDATE secrets SET version = 2",
          "UPDATE secrets SET holder = zeroblob(20)", "UPDATE secrets SET nonce = zeroblob(12)",
          "UPDATE secrets SET sealed = zeroblob(20)", "UPDATE secrets SET key_id = zeroblob(8)"}) {
        SecretsDatabase secrets;
        const SecretKey key{SecretKind::web2, filled<eth::Address>(1), "a"};
        auto transaction = must(secrets.database.begin());
        must(secrets.store->insert(transaction, key, as_bytes("value"), Hash256::zero()));
        EXPECT_EQ(as_text(must(secrets.store->get(transaction, key)).reveal(SecretAccess{})), "value");
        must(transaction.run(bend));
        SecretKey moved = key;
        if (bend.find("name =") != std::string_view::npos) moved.name = "b";
        if (bend.find("kind =") != std::string_view::npos) moved.kind = SecretKind::requester;
        if (bend.find("holder =") != std::string_view::npos) moved.holder = eth::Address::zero();
        EXPECT_EQ(reason(secrets.store->get(transaction, moved)), "sms.sealed_record") << bend;
    }
}

// Rekey.

constexpr int kRecords = 400;

SecretKey record_key(int i) { return {SecretKind::requester, filled<eth::Address>(1), "key-" + std::to_string(i)}; }

void fill_records(const std::filesystem::path& path)
{
    const auto directory = must(StateDirectory::open(path));
    const SecretStore secrets = must(SecretStore::open(must(directory.load_master_keys())));
    auto database = must(store::Database::open(directory.database(), migrations()));
    auto transaction = must(database.begin());
    for (int i = 0; i < kRecords; ++i)
        must(secrets.insert(transaction, record_key(i), as_bytes("value-" + std::to_string(i)), Hash256::zero()));
    must(transaction.commit());
}

void expect_all_records(const std::filesystem::path& path)
{
    const auto directory = must(StateDirectory::open(path));
    const SecretStore secrets = must(SecretStore::open(must(directory.load_master_keys())));
    auto database = must(store::Database::open(directory.database(), migrations()));
    auto transaction = must(database.read());
    for (int i = 0; i < kRecords; ++i) {
        const auto value = secrets.get(transaction, record_key(i));
        ASSERT_TRUE(value) << i << " " << value.error().detail;
        ASSERT_EQ(as_text(value->reveal(SecretAccess{})), "value-" + std::to_string(i));
    }
}

std::size_t number_of_keys(const std::filesystem::path& path)
{
    return must(must(StateDirectory::open(path)).load_master_keys()).size();
}

/// Runs `work` in a child and kills it after `delay`. Answers whether it had finished by then.
template <class Work>
bool run_and_kill(std::chrono::microseconds delay, Work work)
{
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work() ? 0 : 1);
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status);
}

TEST(Rekey, ReplacesTheKeyAndKeepsEveryRecord)
{
    const TempDirectory files;
    must(StateDirectory::create(files / "state"));
    fill_records(files / "state");
    const auto before = must(must(StateDirectory::open(files / "state")).load_master_keys())[0].id;
    must(rekey(files / "state"));
    EXPECT_EQ(number_of_keys(files / "state"), 1U);
    EXPECT_NE(must(must(StateDirectory::open(files / "state")).load_master_keys())[0].id, before);
    expect_all_records(files / "state");
}

TEST(Rekey, SurvivesKillAtAnyMoment)
{
    const TempDirectory files;
    must(StateDirectory::create(files / "state"));
    fill_records(files / "state");
    std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same cases in every run
    std::uniform_int_distribution<int> delay(0, 40'000);
    for (int round = 0; round < 25; ++round) {
        run_and_kill(std::chrono::microseconds(delay(random)), [&] { return rekey(files / "state").has_value(); });
        expect_all_records(files / "state");
    }
    must(rekey(files / "state"));
    EXPECT_EQ(number_of_keys(files / "state"), 1U);
    expect_all_records(files / "state");
}

// Ledger.

Bytes leaf(std::uint64_t number) { return to_bytes("leaf " + std::to_string(number)); }

struct LedgerFile {
    explicit LedgerFile(const std::filesystem::path& path)
        : database(must(store::Database::open(path, migrations()))),
          ledger(must(eth::Wallet::from_private_key(crypto::SecretBytes(Bytes(32, 9)))), 421614)
    {
    }
    attest::Decision append(std::uint64_t number)
    {
        auto transaction = must(database.begin());
        auto decision = must(ledger.append(transaction, leaf(number), kNow));
        must(transaction.commit());
        return decision;
    }
    attest::TreeHead head()
    {
        auto transaction = must(database.read());
        return must(ledger.head(transaction, kNow));
    }
    store::Database database;
    Ledger ledger;
};

TEST(LedgerTree, EveryAppendIsProvenAndSigned)
{
    const TempDirectory files;
    LedgerFile log(files / "log.db");
    crypto::MerkleTree expected;
    EXPECT_EQ(log.head().root, crypto::merkle_empty_root());
    for (std::uint64_t i = 0; i < 70; ++i) {
        const attest::Decision decision = log.append(i);
        expected.append(crypto::merkle_leaf_hash(leaf(i)));
        EXPECT_EQ(decision.index, i);
        EXPECT_EQ(decision.tree_head.size, i + 1);
        EXPECT_EQ(decision.tree_head.root, expected.root());
        EXPECT_TRUE(crypto::merkle_verify_inclusion(crypto::merkle_leaf_hash(decision.leaf), i, i + 1, decision.inclusion,
                                                    expected.root()));
        const Hash256 digest = attest::tree_head_digest(421614, i + 1, expected.root(), decision.tree_head.timestamp);
        EXPECT_TRUE(eth::verify(digest, decision.tree_head.signature.bytes(), log.ledger.signer()));
    }
    auto transaction = must(log.database.read());
    EXPECT_TRUE(log.ledger.verify(transaction));
    for (std::uint64_t from = 0; from <= 70; from += 7) {
        const auto proof = must(log.ledger.consistency(transaction, from, 70));
        EXPECT_TRUE(crypto::merkle_verify_consistency(from, 70, must(expected.root_at(from)), expected.root(), proof))
            << from;
    }
    EXPECT_EQ(reason(log.ledger.inclusion(transaction, 70, 70)), "ledger.range");
    EXPECT_EQ(reason(log.ledger.inclusion(transaction, 0, 71)), "ledger.range");
    EXPECT_EQ(reason(log.ledger.consistency(transaction, 3, 2)), "ledger.range");
    EXPECT_EQ(must(log.ledger.leaves(transaction, 68, 10)), (std::vector<Bytes>{leaf(68), leaf(69)}));
}

struct LedgerBend {
    const char* name;
    std::string_view sql;
};
class DamagedLedger : public testing::TestWithParam<LedgerBend> {};

TEST_P(DamagedLedger, IsNoticed)
{
    const TempDirectory files;
    LedgerFile log(files / "log.db");
    for (std::uint64_t i = 0; i < 5; ++i) log.append(i);
    must(log.database.run(GetParam().sql));
    auto transaction = must(log.database.read());
    EXPECT_EQ(reason(log.ledger.verify(transaction)), "sms.ledger");
}
INSTANTIATE_TEST_SUITE_P(
    Ledger, DamagedLedger,
    testing::Values(LedgerBend{"changed_leaf", "UPDATE ledger_leaves SET leaf = x'00' WHERE position = 2"},
                    LedgerBend{"missing_leaf", "DELETE FROM ledger_leaves WHERE position = 1"},
                    LedgerBend{"missing_last_leaf", "DELETE FROM ledger_leaves WHERE position = 4"},
                    LedgerBend{"changed_subtree",
                               "UPDATE ledger_nodes SET hash = zeroblob(32) WHERE level = 1 AND position = 0"},
                    LedgerBend{"missing_subtree", "DELETE FROM ledger_nodes WHERE level = 2"},
                    LedgerBend{"cut_heads", "DELETE FROM ledger_heads WHERE size > 3"},
                    LedgerBend{"changed_root", "UPDATE ledger_heads SET root = zeroblob(32) WHERE size = 5"},
                    LedgerBend{"changed_time", "UPDATE ledger_heads SET timestamp = 1 WHERE size = 5"}),
    [](const auto& test) { return std::string(test.param.name); });

/// Appends until killed, and tells the parent after each commit.
[[noreturn]] void append_forever(const std::filesystem::path& path, int pipe)
{
    LedgerFile log(path);
    for (std::uint64_t i = log.head().size;; ++i) {
        log.append(i);
        const std::uint64_t done = i + 1;
        if (::write(pipe, &done, sizeof done) != sizeof done) ::_exit(1);
    }
}

TEST(LedgerTree, SurvivesKillAtAnyMoment)
{
    const TempDirectory files;
    std::mt19937 random(11);  // NOLINT(bugprone-random-generator-seed): the same cases in every run
    std::uniform_int_distribution<int> delay(2'000, 60'000);
    attest::TreeHead seen = LedgerFile(files / "log.db").head();
    for (int round = 0; round < 20; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) append_forever(files / "log.db", ends[1]);
        ::close(ends[1]);
        std::this_thread::sleep_for(std::chrono::microseconds(delay(random)));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        std::uint64_t acknowledged = seen.size;
        for (std::uint64_t done = 0; ::read(ends[0], &done, sizeof done) == sizeof done;) acknowledged = done;
        ::close(ends[0]);

        LedgerFile log(files / "log.db");
        const attest::TreeHead head = log.head();
        auto transaction = must(log.database.read());
        ASSERT_TRUE(log.ledger.verify(transaction));
        ASSERT_GE(head.size, acknowledged) << "an acknowledged leaf was lost";
        const auto proof = must(log.ledger.consistency(transaction, seen.size, head.size));
        ASSERT_TRUE(crypto::merkle_verify_consistency(seen.size, head.size, seen.root, head.root, proof));
        seen = head;
    }
    EXPECT_GT(seen.size, 0U);
}

}  // namespace
}  // namespace iapp::sms::internal
