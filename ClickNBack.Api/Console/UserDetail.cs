using ClickNBack.Api.Accounts;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Console;

/// <summary>One account: its money, its sessions, and what can be done to it.</summary>
internal static class UserDetail
{
    internal sealed record Model(
        DirectoryEntry User,
        bool IsMe,
        IReadOnlyList<TransferEntry> Transfers,
        IReadOnlyList<Session> Sessions,
        IReadOnlyList<AuditLog> Trail,
        DateTimeOffset Now
    );

    public static async Task<IResult> ShowAsync(
        Guid id,
        Administrator administrator,
        AccountDirectory directory,
        AuditSearch audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (await directory.GetAsync(id, cancel) is not { } user)
        {
            return HttpErrors.UnknownRoute.With("There is no such user.");
        }

        return Page.Of<UserPage>(
            new Model(
                user,
                id == administrator.Id,
                await directory.TransfersAsync(id, cancel),
                await directory.SessionsAsync(id, cancel),
                await audit.FindAsync(new AuditFilter { ResourceId = id }, null, KeysetPage<AuditLog>.Size, cancel),
                time.GetUtcNow()
            )
        );
    }

    public static async Task<IResult> DeactivateAsync(
        Guid id,
        Administrator administrator,
        AccountAccess access,
        Flash flash,
        CancellationToken cancel
    ) =>
        flash.Then(
            await access.SetActiveAsync(id, active: false, administrator.Id, cancel),
            "The account is inactive, and its sessions have ended.",
            $"{UserList.Path}/{id}"
        );

    public static async Task<IResult> ReactivateAsync(
        Guid id,
        Administrator administrator,
        AccountAccess access,
        Flash flash,
        CancellationToken cancel
    ) =>
        flash.Then(
            await access.SetActiveAsync(id, active: true, administrator.Id, cancel),
            "The account can be used again.",
            $"{UserList.Path}/{id}"
        );

    public static async Task<IResult> EndSessionsAsync(
        Guid id,
        Administrator administrator,
        AccountAccess access,
        Flash flash,
        CancellationToken cancel
    ) =>
        flash.Then(
            await access.EndSessionsAsync(id, administrator.Id, cancel),
            "All sessions have ended.",
            $"{UserList.Path}/{id}"
        );

    public static async Task<IResult> EraseAsync(
        Guid id,
        Caller caller,
        AccountDirectory directory,
        AccountErasure erasure,
        Flash flash,
        CancellationToken cancel
    )
    {
        var refusal = (await directory.GetAsync(id, cancel)) switch
        {
            null or { ErasedAt: not null } => AccountAccess.Unknown,
            _ when id == caller.Id => AccountAccess.OwnAccount,
            _ => (await erasure.EraseAsync(id, Actor.Of(caller), cancel)) is { } unsettled
                ? $"{unsettled.Message} {unsettled.Code.When}"
                : null,
        };
        return flash.Then(refusal, "The account is erased.", $"{UserList.Path}/{id}");
    }
}
