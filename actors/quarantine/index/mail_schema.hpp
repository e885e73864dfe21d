// The tables of quarantine.db. `PRAGMA user_version` tells which
// schema a file has; a change is a new step in `schema_steps`, never an edit of an old one.
#pragma once

#include <array>

namespace ie {

// Step n brings a database from version n to n + 1. Partial indexes keep the lists of what is held
// apart from what is settled; SQLite uses them for queries that say `state < 2` in the same words.
inline constexpr std::array<const char*, 6> schema_steps{R"(
    CREATE TABLE mails (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        ticket_id TEXT NOT NULL,
        account TEXT NOT NULL COLLATE NOCASE,
        domain TEXT NOT NULL,
        sender_address TEXT NOT NULL,
        script TEXT NOT NULL,
        sender TEXT NOT NULL,
        subject TEXT NOT NULL,
        script_raw TEXT NOT NULL,
        script_domain TEXT NOT NULL,
        script_path TEXT NOT NULL,
        reasons INTEGER NOT NULL,          -- bit n: hold_reason n
        score REAL NOT NULL,
        judged_by INTEGER NOT NULL,
        originator_uid INTEGER NOT NULL,
        authenticated_id TEXT NOT NULL,
        client_address TEXT NOT NULL,
        queue_id TEXT NOT NULL,
        received_at_ms INTEGER NOT NULL,
        held_at_ms INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        state INTEGER NOT NULL,            -- mail_state
        bound_queue_id TEXT NOT NULL,
        release_error TEXT NOT NULL,
        settled_at_ms INTEGER NOT NULL     -- 0: not yet
    );
    CREATE INDEX mails_by_ticket ON mails(ticket_id);
    CREATE INDEX mails_newest ON mails(received_at_ms) WHERE state < 2;
    CREATE INDEX mails_of_account ON mails(account, received_at_ms) WHERE state < 2;
    CREATE INDEX mails_releasing ON mails(number) WHERE state = 1;
    CREATE INDEX mails_settled ON mails(settled_at_ms) WHERE state > 1;
    CREATE TABLE recipients (
        mail INTEGER NOT NULL REFERENCES mails(number) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        address TEXT NOT NULL,
        PRIMARY KEY (mail, position)
    ) WITHOUT ROWID;
)",
                                                         R"(
    ALTER TABLE mails ADD COLUMN limits BLOB NOT NULL DEFAULT x'';  -- a limit_hits, as on the wire
)",
                                                         R"(
    ALTER TABLE mails ADD COLUMN file_bytes INTEGER NOT NULL DEFAULT 0;  -- 0: not known yet
    CREATE TABLE spaces (                  -- what each account has, by the mails themselves
        account TEXT PRIMARY KEY COLLATE NOCASE,
        mails INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO spaces SELECT account, COUNT(*), 0 FROM mails WHERE state < 2 GROUP BY account;
    CREATE TRIGGER mail_came AFTER INSERT ON mails WHEN NEW.state < 2 BEGIN
        INSERT INTO spaces VALUES (NEW.account, 1, NEW.file_bytes) ON CONFLICT DO
            UPDATE SET mails = mails + 1, bytes = bytes + NEW.file_bytes;
    END;
    CREATE TRIGGER mail_went AFTER UPDATE OF state ON mails WHEN OLD.state < 2 AND NEW.state > 1
    BEGIN
        UPDATE spaces SET mails = mails - 1, bytes = bytes - OLD.file_bytes
            WHERE account = OLD.account;
    END;
    CREATE TRIGGER mail_grew AFTER UPDATE OF file_bytes ON mails WHEN NEW.state < 2 BEGIN
        UPDATE spaces SET bytes = bytes + NEW.file_bytes - OLD.file_bytes
            WHERE account = NEW.account;
    END;
    CREATE INDEX mails_deleted ON mails(settled_at_ms, account) WHERE state = 3;
    CREATE TABLE releases (                -- who asked for it last
        mail INTEGER PRIMARY KEY REFERENCES mails(number) ON DELETE CASCADE,
        account TEXT NOT NULL COLLATE NOCASE,
        at_ms INTEGER NOT NULL,
        counts INTEGER NOT NULL,           -- 1: among those that the owner may release an hour
        release_order BLOB NOT NULL        -- as on the wire
    );
    CREATE INDEX releases_counted ON releases(account, at_ms) WHERE counts = 1;
    CREATE TABLE actions (                 -- that settings has yet to put into the audit trail
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        action BLOB NOT NULL               -- an audited_action, as on the wire
    );
    CREATE TABLE identity (id TEXT NOT NULL);
    INSERT INTO identity VALUES (lower(hex(randomblob(16))));
)",
                                                         R"(
    ALTER TABLE mails                      -- texts, as on the wire
        ADD COLUMN attachment_findings BLOB NOT NULL DEFAULT x'';
)",
                                                         R"(
    DROP INDEX mails_by_ticket;            -- most mails are their ticket's first
    CREATE INDEX mails_by_ticket ON mails(ticket_id) WHERE ticket_id != id;
)",
                                                         R"(
    ALTER TABLE mails                      -- each with a line end; the last column: they may be many
        ADD COLUMN recipients TEXT NOT NULL DEFAULT '';
    UPDATE mails SET recipients = (
        SELECT COALESCE(group_concat(address || char(10), ''), '') FROM (
            SELECT address FROM recipients WHERE mail = mails.number ORDER BY position));
    DROP TABLE recipients;
)"};

}  // namespace ie
