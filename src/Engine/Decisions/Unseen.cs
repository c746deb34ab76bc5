namespace Rollcall.Engine.Decisions;

/// <summary>What may have changed since somebody looked last: everything, or these "component/shard" keys. Hints pile up until they are taken.</summary>
internal sealed class Unseen
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private bool _everything = true;

    public void Add(IReadOnlyCollection<string>? changed)
    {
        if (changed is null)
            _everything = true;
        else if (!_everything)
            _keys.UnionWith(changed);
    }

    /// <summary>The keys of one component, or null for all of it; what is taken is seen.</summary>
    public List<string>? Take()
    {
        if (_everything)
        {
            _everything = false;
            _keys.Clear();
            return null;
        }
        var keys = _keys.ToList();
        _keys.Clear();
        return keys;
    }
}
