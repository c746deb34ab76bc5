using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>A new account, or a new password for one. The password is shown once, to be handed over; its owner changes it under Settings.</summary>
public sealed record MintedAccount(string Id, string Name, string Password, ImmutableArray<string> Roles, ImmutableArray<string> Groups);

/// <summary>One line of the list of accounts.</summary>
public sealed record AccountView(
    string Id, string Name, ImmutableArray<string> Roles, ImmutableArray<string> Groups, bool Enabled, double LockedForSeconds, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset PasswordChangedAt, DateTimeOffset? LastSignInAt);

public enum PasswordOutcome { SignedIn, Wrong, Waits }

/// <summary>
/// Local accounts with passwords. Admins make and disable them; a person changes their own password, and every other login of theirs ends with that.
/// </summary>
public sealed class AccountService(AccessStore store, PasswordGate gate, AccessAudit audit, DashboardOptions options, TimeProvider time)
{
    public const string Via = "password";
    public const int Shortest = 12, Longest = 128;
    private const string OnlyAdmins = "Accounts are made and changed by admins.";
    /// <summary>No 0, O, 1, l, I: it is read out over the telephone.</summary>
    private const string Letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static readonly AccountRecord Nobody = new() { Id = "", Name = "", PasswordHash = "", Roles = [], CreatedBy = "", CreatedAt = default, PasswordChangedAt = default };

    private readonly PasswordHasher<AccountRecord> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 }));
    private readonly Lazy<string> _nobodysHash = new(() => new PasswordHasher<AccountRecord>(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 })).HashPassword(Nobody, "nobody has this password"));

    /// <summary>Somebody can come in by a password; else the login page does not ask for one.</summary>
    public bool Any => store.Accounts.Any(a => a.DisabledAt is null);

    public Result<MintedAccount> Create(string name, ImmutableArray<string> roles, ImmutableArray<string> groups, Caller by)
    {
        if (AccessRules.MayAdminister(by, OnlyAdmins) is { } refused)
            return audit.Record<MintedAccount>(refused, by, AuditActions.CreateAccount, $"account {name}");
        var person = PersonName.Normalise(name);
        var errors = Problems(roles, groups);
        if (person is null)
            errors = errors.Insert(0, new SpecError("/name", 0, $"\"{name}\" cannot be a person's name here.", [PersonName.Allowed]));
        else if (store.Tokens.Any(t => t.Service && PersonName.Same(t.ActsAs, person)))
            errors = errors.Insert(0, new SpecError("/name", 0, $"{person} is the name of a service's token.", []));
        if (!errors.IsEmpty)
            return new Refusal(RefusalKind.Invalid, "The account cannot be made.") { Errors = errors };
        var password = NewPassword();
        if (store.AddAccount(person!, roles, groups, _hasher.HashPassword(Nobody, password), by.Name) is not { } account)
            return new Refusal(RefusalKind.Conflict, $"There is an account for {person} already.");
        audit.Done(by, AuditActions.CreateAccount, $"account {account.Name}", InWords(roles, groups));
        return new MintedAccount(account.Id, account.Name, password, account.Roles, account.Groups);
    }

    /// <summary>Gives it other roles and groups. Its logins end, so that nobody goes on with what they had.</summary>
    public Result<AccountView> Change(string id, ImmutableArray<string> roles, ImmutableArray<string> groups, Caller by)
    {
        var found = Find(id, by, AuditActions.ChangeAccount);
        if (!found.Ok)
            return found.Refusal;
        if (Problems(roles, groups) is { IsEmpty: false } errors)
            return new Refusal(RefusalKind.Invalid, "The account cannot be changed.") { Errors = errors };
        if (store.ChangeAccount(id, a => a with { Roles = roles, Groups = groups }) is not { } changed)
            return NoAccount;
        store.EndPerson(changed.Name);
        store.RevokePersonalTokens(changed.Name, t => !roles.Contains(Caller.Admin) && (t.Roles.Except(roles).Any(r => r != Caller.Viewer) || t.Groups.Except(groups).Any()));
        audit.Done(by, AuditActions.ChangeAccount, $"account {changed.Name}", InWords(roles, groups));
        return View(changed);
    }

    /// <summary>Nobody comes in by it any more; its logins, links and tokens end at once.</summary>
    public Result<AccountView> Disable(string id, Caller by)
    {
        var found = Find(id, by, AuditActions.DisableAccount);
        if (!found.Ok)
            return found.Refusal;
        var now = time.GetUtcNow();
        if (store.ChangeAccount(id, a => a with { DisabledAt = a.DisabledAt ?? now }) is not { } account)
            return NoAccount;
        store.EndPerson(account.Name);
        store.RevokePersonalTokens(account.Name, _ => true);
        audit.Done(by, AuditActions.DisableAccount, $"account {account.Name}");
        return View(account);
    }

    public Result<AccountView> Enable(string id, Caller by)
    {
        var found = Find(id, by, AuditActions.EnableAccount);
        if (!found.Ok)
            return found.Refusal;
        if (store.ChangeAccount(id, a => a with { DisabledAt = null }) is not { } account)
            return NoAccount;
        audit.Done(by, AuditActions.EnableAccount, $"account {account.Name}");
        return View(account);
    }

    /// <summary>A new password, to be handed over; the old one and all logins end, and so does any wait after wrong passwords.</summary>
    public Result<MintedAccount> Reset(string id, Caller by)
    {
        var found = Find(id, by, AuditActions.ResetPassword);
        if (!found.Ok)
            return found.Refusal;
        var (password, now) = (NewPassword(), time.GetUtcNow());
        var hash = _hasher.HashPassword(Nobody, password);
        if (store.ChangeAccount(id, a => a with { PasswordHash = hash, PasswordChangedAt = now }) is not { } account)
            return NoAccount;
        store.EndOtherSessions(account.Name, except: null);
        gate.Forget(account.Name);
        audit.Done(by, AuditActions.ResetPassword, $"account {account.Name}");
        return new MintedAccount(account.Id, account.Name, password, account.Roles, account.Groups);
    }

    public Result<ImmutableArray<AccountView>> List(Caller by) => AccessRules.MaySee(by, OnlyAdmins) is { } refused
        ? refused
        : ImmutableArray.CreateRange(store.Accounts.OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Select(View));

    /// <summary>The account of this person, if they have one that is enabled.</summary>
    public AccountRecord? Of(string name) => store.Accounts.FirstOrDefault(a => a.DisabledAt is null && PersonName.Same(a.Name, name));

    /// <param name="session">The login that asks: it stays, all others of the person end.</param>
    public Result<bool> ChangePassword(string current, string next, Caller by, string? session)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(next);
        if (AccessRules.MayChange(by) is { } refused)
            return refused;
        if (session is null || Of(by.Name) is not { } account)
            return new Refusal(RefusalKind.Forbidden, "You have no password here to change.");
        if (gate.WaitOf(account.Name) is var wait && wait > TimeSpan.Zero)
            return new Refusal(RefusalKind.Forbidden, $"Too many wrong passwords; try again in {Seconds(wait)}.");
        if (Verify(account, current) == PasswordVerificationResult.Failed)
        {
            gate.Failed(account.Name);
            audit.Refused(by, AuditActions.ChangePassword, $"account {account.Name}", "The present password was wrong.");
            return new Refusal(RefusalKind.Invalid, "The present password is wrong.") { Errors = [new SpecError("/current", 0, "This is not your present password.", [])] };
        }
        if (Weakness(next, account.Name) is { } weak)
            return new Refusal(RefusalKind.Invalid, "The new password cannot be taken.") { Errors = [new SpecError("/next", 0, weak, [])] };
        var (hash, now) = (_hasher.HashPassword(account, next), time.GetUtcNow());
        store.ChangeAccount(account.Id, a => a with { PasswordHash = hash, PasswordChangedAt = now });
        store.EndOtherSessions(account.Name, session);
        gate.Forget(account.Name);
        audit.Done(by, AuditActions.ChangePassword, $"account {account.Name}");
        return true;
    }

    /// <summary>One try. A wrong name costs as much time as a wrong password.</summary>
    public (PasswordOutcome Outcome, SessionRecord? Session, TimeSpan Wait) SignIn(string name, string password, string address)
    {
        ArgumentNullException.ThrowIfNull(password);
        var person = PersonName.Normalise(name) ?? "?";
        if (gate.WaitOf(person) is var wait && wait > TimeSpan.Zero)
            return (PasswordOutcome.Waits, null, wait);
        var account = Of(person);
        var verdict = password.Length > Longest ? PasswordVerificationResult.Failed : Verify(account, password);
        if (account is null || verdict == PasswordVerificationResult.Failed)
        {
            gate.Failed(person);
            return (PasswordOutcome.Wrong, null, gate.WaitOf(person));
        }
        gate.Forget(person);
        var (now, hash) = (time.GetUtcNow(), verdict == PasswordVerificationResult.SuccessRehashNeeded ? _hasher.HashPassword(account, password) : null);
        // Disabled or given a new password while the hash was being computed: then it is not this account any more.
        var signed = store.ChangeAccount(account.Id, a => a.DisabledAt is null && a.PasswordHash == account.PasswordHash ? a with { LastSignInAt = now, PasswordHash = hash ?? a.PasswordHash } : a);
        return signed?.LastSignInAt == now
            ? (PasswordOutcome.SignedIn, store.OpenSession(signed.Name, signed.Roles, signed.Groups, options.Auth.SessionLifetime, Via, address), TimeSpan.Zero)
            : (PasswordOutcome.Wrong, null, TimeSpan.Zero);
    }

    /// <summary>What is wrong with a new password, or null.</summary>
    public static string? Weakness(string password, string name)
    {
        ArgumentNullException.ThrowIfNull(password);
        return password switch
        {
            { Length: < Shortest } => $"A password has at least {Shortest} characters; this one has {password.Length}.",
            { Length: > Longest } => $"A password has at most {Longest} characters.",
            _ when password.Contains(name, StringComparison.OrdinalIgnoreCase) => "A password must not contain your name.",
            _ when password.Distinct().Count() < 5 => "This password repeats the same few characters.",
            _ => null,
        };
    }

    public static string Seconds(TimeSpan wait) => wait < TimeSpan.FromMinutes(2) ? $"{Math.Ceiling(wait.TotalSeconds):0} seconds" : $"{Math.Ceiling(wait.TotalMinutes):0} minutes";

    private PasswordVerificationResult Verify(AccountRecord? account, string password) =>
        _hasher.VerifyHashedPassword(account ?? Nobody, account?.PasswordHash ?? _nobodysHash.Value, password) is var verdict && account is null ? PasswordVerificationResult.Failed : verdict;

    private Result<AccountRecord> Find(string id, Caller by, string action)
    {
        if (AccessRules.MayAdminister(by, OnlyAdmins) is { } refused)
            return audit.Record<AccountRecord>(refused, by, action, "account");
        return store.Accounts.FirstOrDefault(a => a.Id == id) is { } account ? account : NoAccount;
    }

    private static ImmutableArray<SpecError> Problems(ImmutableArray<string> roles, ImmutableArray<string> groups)
    {
        var errors = ImmutableArray.CreateBuilder<SpecError>();
        if (roles.IsEmpty || roles.Any(r => !LinkService.Roles.Contains(r)))
            errors.Add(new SpecError("/roles", 0, roles.IsEmpty ? "An account needs a role." : $"\"{roles.First(r => !LinkService.Roles.Contains(r))}\" is not a role.", LinkService.Roles));
        if (!groups.All(AccessRules.IsGroup))
            errors.Add(new SpecError("/groups", 0, AccessRules.GroupAllowed, []));
        return errors.ToImmutable();
    }

    private AccountView View(AccountRecord a) =>
        new(a.Id, a.Name, a.Roles, a.Groups, a.DisabledAt is null, gate.WaitOf(a.Name).TotalSeconds, a.CreatedBy, a.CreatedAt, a.PasswordChangedAt, a.LastSignInAt);

    private static string InWords(ImmutableArray<string> roles, ImmutableArray<string> groups) => string.Join(", ", roles) + (groups.IsEmpty ? "" : $"; in {string.Join(", ", groups)}");

    private static string NewPassword() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Letters, 5)));

    private static Refusal NoAccount => new(RefusalKind.NotFound, "There is no account with this id.");
}
