using System.Collections.Immutable;

namespace Rollcall.Web.Auth;

/// <summary>Local accounts, and logins that did not come by a link.</summary>
public sealed partial class AccessStore
{
    public ImmutableArray<AccountRecord> Accounts { get { lock (Gate) return State.Accounts; } }

    /// <summary>Null when there is an account of this name already.</summary>
    public AccountRecord? AddAccount(string name, ImmutableArray<string> roles, ImmutableArray<string> groups, string passwordHash, string by)
    {
        lock (Gate)
        {
            if (State.Accounts.Any(a => PersonName.Same(a.Name, name)))
                return null;
            var now = Time.GetUtcNow();
            var account = new AccountRecord { Id = NewSecret(9), Name = SpellingOf(name), PasswordHash = passwordHash, Roles = roles, Groups = groups, CreatedBy = by, CreatedAt = now, PasswordChangedAt = now };
            Write(State with { Accounts = State.Accounts.Add(account) });
            return account;
        }
    }

    /// <summary>The account as it is now, changed; null when it is not there.</summary>
    public AccountRecord? ChangeAccount(string id, Func<AccountRecord, AccountRecord> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (Gate)
        {
            if (State.Accounts.FirstOrDefault(a => a.Id == id) is not { } account)
                return null;
            var changed = change(account);
            Write(State with { Accounts = State.Accounts.Replace(account, changed) });
            return changed;
        }
    }

    /// <summary>A login by password or by an identity provider.</summary>
    public SessionRecord OpenSession(string name, ImmutableArray<string> roles, ImmutableArray<string> groups, TimeSpan lifetime, string via, string address, string subject = "")
    {
        lock (Gate)
        {
            var now = Time.GetUtcNow();
            var session = new SessionRecord
            {
                Id = NewSecret(16), Name = SpellingOf(name), Roles = roles, Groups = groups, LinkId = "", CreatedAt = now, ExpiresAt = now + lifetime, Via = via, Address = address, Subject = subject,
            };
            Write(State with { Sessions = State.Sessions.Add(session) });
            return session;
        }
    }

    /// <summary>Another person of the identity provider came in under this name lately; one name must stay one voice at a gate.</summary>
    public bool NameIsAnothers(string name, string subject)
    {
        lock (Gate)
            return State.Sessions.Any(s => s.Subject.Length > 0 && s.Subject != subject && PersonName.Same(s.Name, name));
    }

    /// <summary>Ends a person's logins but one, which may be none.</summary>
    public int EndOtherSessions(string name, string? except)
    {
        lock (Gate)
            return End(s => PersonName.Same(s.Name, name) && s.Id != except);
    }

    /// <summary>Takes back a person's own tokens that <paramref name="which"/> names.</summary>
    public int RevokePersonalTokens(string name, Func<TokenRecord, bool> which)
    {
        lock (Gate)
            return RevokeTokens(t => !t.Service && PersonName.Same(t.ActsAs, name) && which(t));
    }
}
