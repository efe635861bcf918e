#pragma once
// A few rows of both subgraphs, and questions about them. On whichever engine the location names.
#include <gtest/gtest.h>

#include "codec/json.hpp"
#include "index/number.hpp"
#include "index/query.hpp"
#include "index/schema.hpp"

namespace iapp::test {

using index::answer_graphql;
using index::dataprotector_subgraph;
using index::GraphqlAnswer;
using index::poco_subgraph;
using index::Subgraph;

inline const std::string kAlice = "0xa11ce00000000000000000000000000000000000";
inline const std::string kBob = "0xb0b0000000000000000000000000000000000000";

inline std::string address(std::string_view digits)
{
    return "0x" + std::string(40 - digits.size(), '0') + std::string(digits);
}
inline std::string hash(std::string_view digits)
{
    return "0x" + std::string(64 - digits.size(), '0') + std::string(digits);
}
inline Bytes number(std::uint64_t value) { return index::encode_number(eth::U256(value)); }

/// Runs one statement of the fixture; a mistake in it ends the test.
template <class... Args>
void add(store::Database& database, std::string_view sql, const Args&... args)
{
    const auto done = database.run(sql, args...);
    ASSERT_TRUE(done) << sql << ": " << done.error().detail;
}

class SubgraphRows {
public:
    explicit SubgraphRows(const std::string& location)
        : database_(store::Database::open(location, index::migrations()).value())
    {
        for (const std::string& account : {kAlice, kBob})
            add(database_, "INSERT INTO account VALUES (?, ?, ?, 3, 1)", account, number(1'500'000'000), number(0));
        add_collections();
        add_protected_data();
        add_deals();
        add_events();
    }

    void add_collections()
    {
        add(database_, "INSERT INTO collection VALUES ('7', ?, '7', 100, '0x01', 5)", kAlice);
        add(database_, "INSERT INTO collection VALUES ('10', ?, NULL, 90, '0x02', 4)", kBob);
        add(database_, "INSERT INTO subscription_param VALUES ('7', 3600, ?, 5)", number(25));
        add(database_, "INSERT INTO collection_subscription VALUES ('0xaa', '7', ?, 5000, 110, '0x03', 6)", kBob);
        add(database_, "INSERT INTO collection_subscription VALUES ('0xab', '7', ?, 9000, 120, '0x04', 7)", kBob);
        add(database_, "INSERT INTO add_only_app_whitelist VALUES (?, ?, 8)", address("e1"), kAlice);
        add_app("ab");
        add_app("ac");
        add(database_, "INSERT INTO app_add_only_app_whitelists VALUES (?, 0, ?, 8)", address("ac"), address("e1"));
        add(database_, "INSERT INTO app_add_only_app_whitelists VALUES (?, 0, ?, 8)", address("ab"), address("e1"));
    }

    void add_app(std::string_view id)
    {
        add(database_, "INSERT INTO app VALUES (?, ?, 'app', 'DOCKER', '0x', '0x01', '0x', 1, 0, 0, 1)", address(id),
            kAlice);
    }

    void add_protected_data()
    {
        data("d1", kAlice, "first", "7", 100, {"email:string", "age:f64"});
        data("d2", kAlice, "second_100%", "7", 200, {"email:string"});
        data("d3", kBob, "Third", "10", 200, {"age:i128", "nested.key:bool"});
        data("d4", kBob, "fourth", std::nullopt, 300, {});
        for (const char* entry : {"email:string", "age:f64", "age:i128", "nested.key:bool"}) {
            const std::string id(entry);
            const std::size_t cut = id.find(':');
            add(database_, "INSERT INTO schema_entry VALUES (?, ?, ?, 1)", id, id.substr(0, cut), id.substr(cut + 1));
        }
        add(database_, "UPDATE protected_data SET is_rentable = 1, rental_params = id WHERE id = ?", address("d1"));
        add(database_, "INSERT INTO rental_param VALUES (?, 60, ?, 3)", address("d1"), number(5));
        add(database_, "UPDATE protected_data SET is_for_sale = 1, sale_params = id WHERE id = ?", address("d2"));
        add(database_, "INSERT INTO sale_param VALUES (?, ?, 3)", address("d2"), number(0));
        add(database_, "INSERT INTO rental VALUES ('0xbb', ?, ?, '7', ?, 4000, 130, '0x05', 9)", kBob, address("d1"),
            address("d1"));
    }

    void data(std::string_view id, const std::string& owner, std::string_view name, std::optional<std::string> collection,
              int created, std::initializer_list<std::string_view> schema)
    {
        add(database_,
            "INSERT INTO protected_data VALUES (?, ?, ?, '{}', ?, 0, 0, 0, NULL, NULL, '0xa503', '0x99', ?, '0x06', 3)",
            address(id), owner, name, collection, created);
        int position = 0;
        for (const std::string_view entry : schema)
            add(database_, "INSERT INTO protected_data_schema VALUES (?, ?, ?, 3)", address(id), position++, entry);
    }

    void add_deals()
    {
        add(database_, "INSERT INTO category VALUES ('0', 'S', 'small', ?, 1, 1)", number(300));
        for (const char* id : {"c1", "c2"}) {
            add(database_,
                "INSERT INTO deal VALUES (?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, '0', '0x03', ?, ?, ?, '{}', 50, ?, ?, "
                "0, 0, ?, ?, ?, 50, ?, NULL, ?, ?, ?, 5)",
                hash(id), address("ab"), kAlice, number(0), kAlice, number(0), address("11"), kAlice, number(1'000'000'001),
                number(1), kBob, kBob, address("0"), number(0), number(300), number(7), number(10), kBob, hash("0a"),
                hash("0b"), id == std::string_view("c1") ? hash("0c") : hash("0d"), hash(id));
        }
        for (const char* id : {"f1", "f2", "f3"})
            add(database_, "INSERT INTO task VALUES (?, 'ACTIVE', ?, ?, ?, NULL, NULL, NULL, NULL, 900, NULL, 1000, 60, 6)",
                hash(id), id == std::string_view("f3") ? hash("c2") : hash("c1"), number(0), kBob);
        add(database_, "INSERT INTO bulk VALUES (?, ?, 'Qm', 6)", hash("c1"), hash("c1"));
        const std::string slice = hash("c1") + "-0";
        add(database_, "INSERT INTO bulk_slice VALUES (?, ?, 'Qn', ?, ?, 6)", slice, hash("c1"), hash("f1"), number(0));
        for (const char* id : {"d2", "d1", "d9"}) {
            if (id != std::string_view("d9"))
                add(database_, "INSERT INTO dataset VALUES (?, ?, 'n', '0x', '0x', 1, 0, 0, 1)", address(id), kAlice);
            add(database_, "INSERT INTO bulk_slice_datasets VALUES (?, ?, ?, 6)", slice, id[1], address(id));
        }
    }

    /// Two transactions in one block: Alice's starts task f1 and pays Bob, Bob's contributes to it and to f2.
    void add_events()
    {
        const std::string first = hash("e1"), second = hash("e2");
        for (const auto& [id, from] : {std::pair{first, kAlice}, std::pair{second, kBob}})
            add(database_, "INSERT INTO \"transaction\" VALUES (?, 60, 6, ?, NULL, ?, ?, ?, ?)", id, from, number(0),
                number(500'000), number(500'000), number(7));
        add(database_, "INSERT INTO task_initialize VALUES ('6-0', ?, 60, ?, ?, 6)", first, hash("f1"), address("11"));
        add(database_, "INSERT INTO reward VALUES ('6-1', ?, 60, ?, ?, ?, 6)", first, kBob, number(2'500'000'000),
            hash("f1"));
        add(database_, "INSERT INTO lock VALUES ('6-2', ?, 60, ?, ?, 6)", second, kBob, number(1));
        for (const char* task : {"f1", "f2"})
            add(database_, "INSERT INTO task_contribute VALUES (?, ?, 60, ?, ?, 6, ?, '0x0f')",
                task == std::string_view("f1") ? "6-3" : "6-4", second, hash(task), hash(task) + "-" + kBob, kBob);
        add(database_, "INSERT INTO task_finalize VALUES ('7-0', ?, 61, ?, '0x52', 7)", hash("e3"), hash("f1"));
        add(database_, "INSERT INTO orders_matched VALUES ('5-0', ?, 50, ?, 5)", hash("e4"), hash("c1"));
        add(database_, "INSERT INTO scheduler_notice VALUES ('5-1', ?, 50, ?, ?, 5)", hash("e4"), address("11"), hash("c1"));
        add(database_, "INSERT INTO app_transfer VALUES ('6-5', ?, 60, ?, ?, ?, 6)", second, address("ab"), kAlice, kBob);
        add(database_, "INSERT INTO accurate_contribution VALUES ('7-1', ?, 61, ?, ?, 7, 4)", hash("e3"), kBob,
            hash("f1") + "-" + kBob);
    }

    GraphqlAnswer post(const Subgraph& subgraph, std::string_view body)
    {
        auto answer = answer_graphql(database_, subgraph, {12, "0x0c", 1234}, body);
        EXPECT_TRUE(answer) << answer.error().reason << ": " << answer.error().detail;
        return answer ? *answer : GraphqlAnswer{500, ""};
    }

    /// The data of an answer, without its envelope; all of it when it is a refusal.
    std::string ask(const Subgraph& subgraph, std::string_view query, const json::Object& variables = {})
    {
        const GraphqlAnswer answer = post(subgraph, json::print(json::Object{{"query", query}, {"variables", variables}}));
        if (answer.status != 200) return answer.body;
        constexpr std::string_view kOpen = R"({"data":)";
        EXPECT_TRUE(answer.body.starts_with(kOpen));
        EXPECT_TRUE(json::parse(answer.body)) << answer.body;
        return answer.body.substr(kOpen.size(), answer.body.size() - kOpen.size() - 1);
    }

    /// Last digits of the ids of one list.
    std::string ids(const Subgraph& subgraph, const std::string& list, std::string_view arguments)
    {
        const std::string answer =
            ask(subgraph, "{" + list + (arguments.empty() ? "" : "(" + std::string(arguments) + ")") + "{id}}");
        const auto parsed = json::parse(answer);
        const auto* rows = parsed && parsed->is_object() ? parsed->get_object().if_contains(list) : nullptr;
        if (rows == nullptr) return std::string(parsed->at("errors").at(0).at("extensions").at("code").as_string());
        std::string out;
        for (const json::Value& row : rows->get_array()) {
            const std::string_view id = row.at("id").as_string();
            out += std::string(out.empty() ? "" : " ") +
                   std::string(id.size() > 40 || id.size() == 42 ? id.substr(id.size() - 2) : id);
        }
        return out;
    }
    std::string data_where(const std::string& where)
    {
        return ids(dataprotector_subgraph(), "protectedDatas", "where:{" + where + "}");
    }

    store::Database database_;
};

}  // namespace iapp::test
