
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AdminArea',
            fields=[
                ('code', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('country', models.CharField(max_length=2)),
                ('level', models.PositiveSmallIntegerField(choices=[(1, 'Oblast or region'), (2, 'Raion'), (3, 'Hromada'), (4, 'Settlement named in the official list')])),
                ('pcode', models.CharField(blank=True, help_text='P-code of OCHA, where one exists', max_length=12)),
                ('iso', models.CharField(blank=True, help_text='ISO 3166-2 code; differs from the P-code in five oblasts', max_length=6)),
                ('name_en', models.CharField(max_length=120)),
                ('name_local', models.CharField(max_length=120)),
                ('lat', models.FloatField(blank=True, help_text='public centroid, degrees north', null=True)),
                ('lon', models.FloatField(blank=True, help_text='public centroid, degrees east', null=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='places.adminarea')),
            ],
            options={
                'verbose_name': 'area',
                'verbose_name_plural': 'areas',
                'ordering': ['country', 'level', 'name_en', 'code'],
            },
        ),
        migrations.CreateModel(
            name='AreaConflictStatus',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('UNKNOWN', 'Not known'), ('STABLE', 'Stable'), ('TENSION', 'Tension'), ('SPILLOVER', 'Spill-over'), ('ACTIVE_HOSTILITIES', 'Active hostilities'), ('NEAR_FRONT', 'Near the front'), ('OCCUPIED', 'Occupied'), ('RETURNED', 'Returned, mines likely'), ('PARTY_REAR', 'Territory of a party, away from the fighting'), ('POST_CONFLICT', 'After the conflict')], max_length=20)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('table', models.CharField(choices=[('possible_hostilities', 'Territories of possible hostilities'), ('active_hostilities', 'Territories of active hostilities'), ('active_hostilities_registers_working', 'Territories of active hostilities where the State registers work'), ('temporarily_occupied', 'Territories temporarily occupied by the Russian Federation'), ('temporarily_occupied_tail', 'Territories temporarily occupied by the Russian Federation (continued)')], max_length=40)),
                ('act', models.CharField(help_text='the act the line stands in', max_length=300)),
                ('act_date', models.DateField(help_text='state of the act; no fact is newer than this')),
                ('exceptions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, help_text='codes inside the area that the line leaves out', size=None)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflict_statuses', to='places.adminarea')),
            ],
            options={
                'verbose_name': 'conflict status of an area',
                'verbose_name_plural': 'conflict statuses of areas',
                'ordering': ['area', 'valid_from', 'table', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('geonameid', models.IntegerField(blank=True, help_text='GeoNames id, where the row comes from there', null=True, unique=True)),
                ('country', models.CharField(max_length=2)),
                ('katottg', models.CharField(blank=True, help_text='code of the settlement in the Ukrainian codifier', max_length=20)),
                ('name', models.CharField(max_length=120)),
                ('name_local', models.CharField(max_length=120)),
                ('lat', models.FloatField()),
                ('lon', models.FloatField()),
                ('population', models.PositiveIntegerField(default=0)),
                ('search_key', models.TextField(help_text='folded names, see places.names.search_key')),
                ('admin1', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.adminarea')),
                ('area', models.ForeignKey(blank=True, help_text='the smallest known area around it: the settlement itself where listed, else its hromada, raion or oblast', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settlements', to='places.adminarea')),
            ],
            options={
                'verbose_name': 'settlement',
                'verbose_name_plural': 'settlements',
                'ordering': ['country', '-population', 'name', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='adminarea',
            index=models.Index(fields=['country', 'level', 'name_en'], name='area_by_country'),
        ),
        migrations.AddIndex(
            model_name='adminarea',
            index=models.Index(condition=models.Q(('iso', ''), _negated=True), fields=['iso'], name='area_by_iso'),
        ),
        migrations.AddIndex(
            model_name='adminarea',
            index=models.Index(condition=models.Q(('pcode', ''), _negated=True), fields=['pcode'], name='area_by_pcode'),
        ),
        migrations.AddIndex(
            model_name='areaconflictstatus',
            index=models.Index(fields=['area', 'valid_from'], name='area_status_by_area'),
        ),
        migrations.AddConstraint(
            model_name='areaconflictstatus',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='area_status_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='settlement',
            index=models.Index(fields=['country', '-population', 'name'], name='settlement_by_size'),
        ),
        migrations.AddIndex(
            model_name='settlement',
            index=models.Index(fields=['admin1', '-population', 'name'], name='settlement_in_region'),
        ),
    ]
